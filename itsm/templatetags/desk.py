"""`{% load desk %}` brings icons, people, badges and charts at once."""

from django import template

from itsm.templatetags import badges, charts, icons, people

register = template.Library()
for part in (icons, people, badges, charts):
    register.tags.update(part.register.tags)
    register.filters.update(part.register.filters)
