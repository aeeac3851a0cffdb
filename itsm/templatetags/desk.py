"""`{% load desk %}` brings icons, people, badges, charts, counts and fields at once."""

from django import template

from itsm.templatetags import badges, charts, counts, fields, icons, people

register = template.Library()
for part in (icons, people, badges, charts, counts, fields):
    register.tags.update(part.register.tags)
    register.filters.update(part.register.filters)
