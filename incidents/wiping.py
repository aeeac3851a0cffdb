"""Words that have to go, wherever they stand: in a text, in HTML, in data."""

import html
import re
from collections.abc import Callable
from functools import cached_property

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
#: Keys of our own data that hold what a machine reads: a word of a closed list, a number, a digest.
MACHINE_READ = frozenset(timeline.TRACKED) - frozenset(WRITTEN) | {
    "absorbed", "before", "duplicate", "id", "incident", "into", "kind", "merged", "metric", "number",
    "outcome", "redacted", "rows", "sha256", "verdict",
}  # fmt: skip
#: Our mails put it behind these characters, so that a name is not taken for a link.
JOINER, JOINED = "\u2060", frozenset(".@/")


class Words:
    """Found whatever their case, and whatever spaces and line ends are between them."""

    def __init__(self, words: str) -> None:
        self._parts = words.replace(JOINER, "").split()

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return _pattern_of(self._parts, str)

    @cached_property
    def _in_markup(self) -> re.Pattern[str]:
        return _pattern_of(self._parts, html.escape)

    def stand_in(self, text: str) -> bool:
        return self._pattern.search(text) is not None

    def without(self, text: str) -> str:
        return self._pattern.sub(MARK, text)

    def without_in_html(self, markup: str) -> str:
        """All of it goes where they stand across tags."""
        left = self._in_markup.sub(MARK, self.without(markup))
        return "" if self.stand_in(html.unescape(strip_tags(left.replace("<", " <")))) else left

    def without_in(self, value: object) -> object:
        """Data of others without them: whatever is called whatever, a number and a name among it."""
        if isinstance(value, str):
            return self.without(value)
        if isinstance(value, list):
            return [self.without_in(each) for each in value]
        if isinstance(value, dict):
            return {self.without(key): self.without_in(each) for key, each in value.items()}
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return MARK if is_number and self.stand_in(str(value)) else value

    def without_in_ours(self, value: object, name: str = "") -> object:
        """Data of ours without them; `name` is the key it stands under."""
        if name in MACHINE_READ:
            return value
        if isinstance(value, str):
            return self.without(value)
        if isinstance(value, list):
            return [self.without_in_ours(each, name) for each in value]
        if isinstance(value, dict):
            return {key: self.without_in_ours(each, key) for key, each in value.items()}
        return value


def _pattern_of(parts: list[str], written: Callable[[str], str]) -> re.Pattern[str]:
    """`written` is how a character stands in such a text."""
    found = [
        "".join(re.escape(written(char)) + (f"{JOINER}?" if char in JOINED else "") for char in part)
        for part in parts
    ]
    return re.compile(r"\s+".join(found), re.IGNORECASE)
