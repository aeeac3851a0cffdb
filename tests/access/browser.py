"""What a browser would send of a page: the fields of its form as they stand, the empty ones filled in."""

import re
from html.parser import HTMLParser
from typing import Any

CANARY = re.compile(r"zq[0-9a-f]{12}")
NEVER_SENT = {"submit", "button", "file", "image", "reset"}


class Forms(HTMLParser):
    """Every form of a page as {name: [values]}."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, list[str]]] = []
        self.choice = self.area = ""
        self.options: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append({})
        elif self.found and tag == "input":
            self.add_input(named)
        elif tag == "select":
            self.choice, self.options = named.get("name", ""), []
        elif tag == "option":
            self.options.append((named.get("value", ""), "selected" in named))
        elif tag == "textarea":
            self.area = named.get("name", "")
            self.put(self.area, "")

    def handle_data(self, data: str) -> None:
        if self.area:
            self.found[-1][self.area] = [self.found[-1][self.area][0] + data]

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.area = ""
        elif tag == "select" and self.choice:
            chosen = [value for value, selected in self.options if selected]
            self.put(self.choice, *(chosen or [value for value, _selected in self.options if value][:1]))
            self.choice = ""

    def add_input(self, named: dict[str, str]) -> None:
        name, kind = named.get("name", ""), named.get("type", "text")
        if kind in NEVER_SENT or not name:
            return
        if kind in {"checkbox", "radio"}:
            if "checked" in named or (kind == "radio" and name not in self.found[-1]):
                self.found[-1][name] = [named.get("value", "on")]
            return
        self.put(name, named.get("value", ""))

    def put(self, name: str, *values: str) -> None:
        if self.found and name:
            self.found[-1].setdefault(name, []).extend(values)


def filled(html: str, given: dict[str, Any]) -> dict[str, Any]:
    """The largest form of the page. Secrets that stand in it are overwritten: they must not come back."""
    forms = Forms()
    forms.feed(html)
    sent: dict[str, Any] = dict(max(forms.found, key=len, default={}))
    for name, values in sent.items():
        last = name.rpartition("-")[2]
        if last in given:
            sent[name] = given[last]
        elif len(values) < 2:
            sent[name] = typed(name, values[0] if values else "")
    for name in ("csrfmiddlewaretoken", "seen", "unsent"):
        sent.pop(name, None)
    return sent


def typed(name: str, value: str) -> str:
    if CANARY.search(value):
        return CANARY.sub("overwritten", value)
    if value or name.endswith(("_at", "_from", "_until", "expiry_0", "expiry_1")):
        return value
    if name.endswith("_0"):
        return "2030-01-07"
    if name.endswith("_1"):
        return "09:00"
    return ""
