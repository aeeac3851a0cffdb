"""Numbers as a page says them."""

from collections.abc import Sequence

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def up_to(count: int | None, most: int) -> str:
    """Counting stopped at `most`: "10,000+" is honest."""
    if count is None:
        return "–"
    shown = number_format(min(count, most), force_grouping=True)
    return _("%s+") % shown if count >= most else shown


@register.filter
def before_last(values: Sequence[int] | None) -> int:
    return values[-2] if values and len(values) > 1 else 0
