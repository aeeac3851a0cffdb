"""The file as tables of rows, and mistakes by the place where they stand."""

import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import models

from incidents.lines import one_line


class Unreadable(Exception):
    """The file is no TOML, or is not there."""


def read(path: Path) -> dict[str, object]:
    """Raises Unreadable with one line that names the file."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path}: not written in UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise Unreadable(f"{path}: {error}.") from error


@dataclass
class Outcome:
    """What was made and changed, and what is wrong: `mistakes` by place, in the order they were found."""

    mistakes: list[tuple[str, str]] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    #: (model, name) of rows of the file that were not made: who names them makes no further mistake.
    lost: set[tuple[type[models.Model], str]] = field(default_factory=set)
    #: What is shown once: keys of new sources, people without a password.
    keys: list[tuple[str, str]] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def wrong(self, place: str, text: str) -> None:
        self.mistakes.append((place, text))


KINDS: dict[type, str] = {
    str: "a text",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
    date: "a day such as 2026-01-31",
}


class Row:
    """One table of the file. What is asked for is checked; what nobody asked for is a mistake."""

    def __init__(self, place: str, values: object, outcome: Outcome) -> None:
        self.place, self.outcome = place, outcome
        self.values: dict[str, object] = values if isinstance(values, dict) else {}
        self.is_good = isinstance(values, dict)
        self._asked: set[str] = set()
        if not self.is_good:
            outcome.wrong(place, "write a table here.")

    def wrong(self, key: str, text: str) -> None:
        self.is_good = False
        self.outcome.wrong(f"{self.place}.{key}" if key else self.place, text)

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def get(self, key: str, kind: type, default: object = None) -> Any:
        """The value, or `default` where it is left out or wrong."""
        self._asked.add(key)
        value = self.values.get(key, default)
        if key not in self.values:
            return default
        fits = isinstance(value, kind) and not (kind is int and isinstance(value, bool))
        if isinstance(value, str) and "\x00" in value:
            self.wrong(key, "holds a character that cannot be stored (NUL).")
            return default
        if not fits or (kind is date and isinstance(value, datetime)):
            self.wrong(key, f"write {KINDS[kind]}.")
            return default
        return value

    def needed(self, key: str, kind: type) -> Any:
        value = self.get(key, kind)
        if isinstance(value, str):
            value = one_line(value)
        if key not in self.values:
            self.wrong(key, "is missing.")
        elif value == "":
            self.wrong(key, "is empty.")
        return value

    def choice(self, key: str, choices: Iterable[str], default: str) -> str:
        value = str(self.get(key, str, default))
        offered = list(choices)
        if value not in offered:
            self.wrong(key, f"“{value}” is none of: {', '.join(offered)}.")
            return default
        return value

    def zone(self, key: str) -> None:
        """Raises nothing: a zone that nobody knows is a mistake."""
        if (
            key in self
            and isinstance(self.values[key], str)
            and self.values[key] not in available_timezones()
        ):
            self.wrong(
                key, f"there is no time zone “{self.values[key]}”. Write it as in Europe/Berlin or UTC."
            )

    def names(self, key: str) -> list[str]:
        found = self.get(key, list, [])
        if any(not isinstance(name, str) for name in found):
            self.wrong(key, "write a list of texts.")
            return []
        return list(found)

    def one(self, key: str, model: object, by: str = "name", **among: object) -> Any:
        """The row of another table that is named here; None where it is left out, empty or not there."""
        name = self.get(key, str, "")
        return self._find(key, name, model, by, among) if name else None

    def many(self, key: str, model: object, by: str = "name") -> list[Any]:
        found = [self._find(key, name, model, by, {}) for name in self.names(key)]
        return [row for row in found if row is not None]

    def _find(self, key: str, name: str, model: Any, by: str, among: dict[str, object]) -> object:
        row = model.objects.filter(**{by: name}, **among).first()
        if row is None:
            self.is_good = False
            if (model, name) not in self.outcome.lost:
                self.outcome.wrong(
                    f"{self.place}.{key}",
                    f"there is no {model._meta.verbose_name} “{name}”.",
                )
        return row

    def nothing_else(self) -> None:
        for key in self.values.keys() - self._asked:
            self.wrong(key, f"is not known here. Known: {', '.join(sorted(self._asked))}.")

    def try_to(self, do: Callable[[], None]) -> bool:
        """Model rules become mistakes at the key they are about. True: there was none."""
        try:
            do()
        except ValidationError as error:
            by_key = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
            for name, texts in by_key.items():
                self.wrong("" if name == "__all__" else name, " ".join(texts))
            return False
        return True
