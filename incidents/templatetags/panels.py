"""`{% panels_at "desk" incident user %}` and `{% portal_links as links %}`: what other rooms add there."""

from typing import Any

from django import template
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from incidents import panels
from incidents.models import Incident

register = template.Library()


@register.simple_tag(takes_context=True)
def panels_at(context: dict[str, Any], place: str, incident: Incident, reader: User) -> SafeString:
    shared = {"incident": incident, "now": context.get("now")}
    request = context.get("request")
    drawn = (
        render_to_string(panel.template, {**shared, **panel.facts(incident, reader)}, request)
        for panel in panels.panels_at(panels.Place(place))
    )
    return format_html_join("", "{}", ((panel,) for panel in drawn))


@register.simple_tag
def portal_links() -> list[panels.PortalLink]:
    return list(panels.portal_links())
