"""Words that have to go, wherever they stand: in a text, in HTML, in data."""

import html
import re
from functools import cached_property
from typing import Any

from django.db import models
from django.utils.html import strip_tags

from incidents import timeline
from incidents.models import Incident

#: What stands in their place. Shorter than any words that can be redacted, so everything still fits.
MARK = "[…]"
SHORTEST = 4
#: Tracked fields in which people write.
WRITTEN = tuple(
    name
    for name in timeline.TRACKED
    if isinstance(field := Incident._meta.get_field(name), models.CharField | models.TextField)
    and not field.choices
    and name not in {"source_name", "source_number"}
)
#: Keys of an entry's data that hold what a machine reads: a word of a closed list, a number, a digest.
MACHINE_READ = frozenset(timeline.TRACKED) - frozenset(WRITTEN) | {
    "absorbed", "before", "duplicate", "id", "into", "kind", "merged", "metric", "number", "outcome",
    "redacted", "rows", "sha256", "verdict",
}  # fmt: skip


class Words:
    """Found whatever their case, and whatever spaces and line ends are between them."""

    def __init__(self, words: str) -> None:
        self._parts = words.split()

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(r"\s+".join(map(re.escape, self._parts)), re.IGNORECASE)

    @cached_property
    def _in_markup(self) -> re.Pattern[str]:
        escaped = [re.escape(html.escape(part)) for part in self._parts]
        return re.compile(r"\s+".join(escaped), re.IGNORECASE)

    def stand_in(self, text: str) -> bool:
        return self._pattern.search(text) is not None

    def without(self, text: str) -> str:
        return self._pattern.sub(MARK, text)

    def without_in_html(self, markup: str) -> str:
        """All of it goes where they stand across tags."""
        left = self._in_markup.sub(MARK, self.without(markup))
        return "" if self.stand_in(html.unescape(strip_tags(left.replace("<", " <")))) else left

    def without_in(self, value: Any, name: str = "") -> Any:
        """The same data without them; `name` is the key it stands under."""
        if name in MACHINE_READ:
            return value
        if isinstance(value, str):
            return self.without(value)
        if isinstance(value, list):
            return [self.without_in(each, name) for each in value]
        if isinstance(value, dict):
            return {key: self.without_in(each, key) for key, each in value.items()}
        return value
