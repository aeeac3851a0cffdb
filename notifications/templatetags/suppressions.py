"""Why nothing is sent to an address, for pages that name one."""

from django import template

from itsm import timekeeping
from notifications.models import Suppression

register = template.Library()


@register.simple_tag
def suppression_of(address: str) -> Suppression | None:
    """None when mail goes there."""
    return Suppression.objects.in_force(timekeeping.now()).filter(address=address.lower()).first()
