"""Cells of lists are small templates, so that designers can edit them."""

from collections.abc import Callable, Hashable
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language


def cell(template: str) -> Callable[..., SafeString]:
    """Draws the cell of that template: `cell("ui/cells/tag.html")(text="Late", tone="red")`."""

    def draw(**facts: object) -> SafeString:
        return mark_safe(render_to_string(template, facts).strip())  # noqa: S308 -- a template's own escaping

    return draw


def one_of_few(template: str) -> Callable[..., SafeString]:
    """As `cell`, of which there are few: each is drawn once a language and kept. Facts are plain values."""
    draw = cell(template)

    @lru_cache(maxsize=1000)
    def drawn(_language: str | None, facts: tuple[tuple[str, Hashable], ...]) -> SafeString:
        return draw(**dict(facts))

    return lambda **facts: drawn(get_language(), tuple(facts.items()))


person_cell = cell("ui/cells/person.html")
tag_cell = cell("ui/cells/tag.html")
two_lines = cell("ui/cells/two_lines.html")
duration_cell = cell("ui/cells/duration.html")
ago_cell = cell("ui/cells/ago.html")
