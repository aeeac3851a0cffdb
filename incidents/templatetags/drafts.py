"""`{% draft "incident-12" %}` inside a form: the browser keeps what is typed in it until it is sent."""

from typing import Any

from django import template

from incidents.models import Desk

register = template.Library()


@register.inclusion_tag("incidents/unsent/draft.html", takes_context=True)
def draft(context: dict[str, Any], name: str) -> dict[str, Any]:
    """The name says which form it is. One that came back keeps the draft from which it was sent."""
    request = context["request"]
    held = getattr(request, "unsent", None)
    sent_from = held.value("draft") if held else request.POST.get("draft", "")
    return {
        "name": name,
        "user": request.user,
        "days": Desk.current().keep_drafts_days,
        "sent_from": sent_from,
        "is_filled": bool(held) or request.method == "POST",
    }
