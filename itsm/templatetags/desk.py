"""`{% load desk %}` brings icons, people, badges, charts and counts at once."""

from django import template

from itsm.templatetags import badges, charts, counts, icons, people

register = template.Library()
for part in (icons, people, badges, charts, counts):
    register.tags.update(part.register.tags)
    register.filters.update(part.register.filters)
