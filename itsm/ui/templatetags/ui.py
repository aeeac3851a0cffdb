"""`{% load ui %}` brings icons, people, moments, charts, counts and fields at once."""

from django import template

from itsm.ui.templatetags import charts, counts, fields, icons, moments, people

register = template.Library()
for part in (icons, people, moments, charts, counts, fields):
    register.tags.update(part.register.tags)
    register.filters.update(part.register.filters)
