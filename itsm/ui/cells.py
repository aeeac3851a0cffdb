"""Cells of lists are small templates, so that designers can edit them."""

from collections.abc import Callable

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe


def cell(template: str) -> Callable[..., SafeString]:
    """Draws the cell of that template: `cell("ui/cells/tag.html")(text="Late", tone="red")`."""

    def draw(**facts: object) -> SafeString:
        return mark_safe(render_to_string(template, facts).strip())  # noqa: S308 -- a template's own escaping

    return draw


person_cell = cell("ui/cells/person.html")
tag_cell = cell("ui/cells/tag.html")
two_lines = cell("ui/cells/two_lines.html")
duration_cell = cell("ui/cells/duration.html")
ago_cell = cell("ui/cells/ago.html")
