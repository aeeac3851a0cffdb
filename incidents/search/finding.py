"""What is searched, and how words are read. The engines differ; what they find does not.

All words must be there, in any order; a word of three letters or more also finds what begins with
it. Searched are title, description, resolution and an imported number: what the requester's side may
read as well, so that nobody finds by what they may not see.
"""

import re

from django.core.exceptions import ValidationError
from django.db import connections
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident, parse_number
from incidents.models.incident import NUMBER_PREFIX
from incidents.search import postgresql, sqlite

ENGINES = {"postgresql": postgresql.matching, "sqlite": sqlite.matching}
WORD = re.compile(r"[^\W_]+")
MAX_WORDS = 12
MAX_WORD = 60
#: Shorter words find only themselves: their beginnings are everywhere.
SHORTEST_BEGINNING = 3


def words_of(text: str) -> list[str]:
    """Letters and digits, small, without repetition."""
    return list(dict.fromkeys(word[:MAX_WORD] for word in WORD.findall(text.lower())))[:MAX_WORDS]


def at_most_words(text: str) -> None:
    """Of a search that a program asks for: what would be left out is refused. Raises ValidationError."""
    if len(text.split(maxsplit=MAX_WORDS)) > MAX_WORDS:
        words = {"words": MAX_WORDS}
        raise ValidationError(_("Search for at most %(words)d words."), code="invalid", params=words)


def search_incidents(queryset: QuerySet[Incident], text: str) -> QuerySet[Incident]:
    """The rows of `queryset` that `text` means: the one of that number, and those with all its words.

    Keeps the order of `queryset`. On PostgreSQL the planner is asked once how common the words are.
    """
    words = words_of(text)
    if not words:
        return queryset.none()
    terms = [(word, len(word) >= SHORTEST_BEGINNING) for word in words]
    if is_number(text):
        terms = [(word, False) for word in words]
    connection = connections[queryset.db]
    return queryset.filter(ENGINES[connection.vendor](terms, parse_number(text), connection))


def is_number(text: str) -> bool:
    return text.strip().upper().startswith(NUMBER_PREFIX) and parse_number(text) is not None
