"""Fields of forms: the first wrong one gets the focus, without script."""

from django import template
from django.forms import BaseForm, BoundField
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def is_first_wrong(field: BoundField) -> bool:
    wrong = (bound.name for bound in field.form if bound.errors)
    return next(wrong, None) == field.name


@register.filter
def is_wrong_as_a_whole(form: BaseForm) -> bool:
    """Whether no single field is to blame: then the sentence itself gets the focus."""
    return bool(form.errors) and not any(bound.errors for bound in form)


@register.simple_tag
def field_input(field: BoundField) -> SafeString:
    return field.as_widget(attrs={"autofocus": True} if is_first_wrong(field) else None)
