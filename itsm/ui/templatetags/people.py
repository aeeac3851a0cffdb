"""People, as every page names and draws them."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from itsm.ui.names import Person, first_name, initials, person_name

register = template.Library()
register.filter("first_name", first_name)
register.filter("person", person_name)

TONES = 6


@register.simple_tag
def avatar(who: Person, size: str = "") -> SafeString:
    """Decoration: the name stands beside it. Nobody is a dashed ring."""
    name = person_name(who)
    if not name:
        return format_html('<span class="avatar none {}" aria-hidden="true"></span>', size)
    tone = sum(map(ord, name)) % TONES
    return format_html('<span class="avatar a{} {}" aria-hidden="true">{}</span>', tone, size, initials(name))
