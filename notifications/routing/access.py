"""Who of many people may read an entry, in as many queries as for one.

The rule is that of `incidents.models.sight`; `visible_to` is asked again for each delivery before it is sent.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.contrib.auth.models import Permission, User
from django.db.models import Model

from incidents.models import Incident, Team
from incidents.models.sight import RIGHTS, Onlooker

Answer = TypeVar("Answer")

CODENAMES = tuple(name.partition(".")[2] for name in RIGHTS)


@dataclass(frozen=True, slots=True)
class Reader:
    user: User
    sees_internal: bool


@dataclass(frozen=True, slots=True)
class Everybody:
    """All accounts and their rights, read once."""

    people: dict[int, User]
    rights: dict[int, set[str]]
    answers: dict[Hashable, Any] = field(default_factory=dict)

    def of(self, user_ids: Collection[int]) -> tuple[list[User], dict[int, set[str]]]:
        return [self.people[pk] for pk in user_ids if pk in self.people], self.rights


_kept: ContextVar[Everybody | None] = ContextVar("_kept", default=None)


@contextmanager
def one_set_of_accounts() -> Iterator[None]:
    """Inside, accounts, rights and what is `kept` are read once: for bulk work that changes none of it."""
    people, rights = _asked(list(User.objects.values_list("pk", flat=True)))
    token = _kept.set(Everybody({user.pk: user for user in people}, rights))
    try:
        yield
    finally:
        _kept.reset(token)


def kept(question: Hashable, ask: Callable[[], Answer]) -> Answer:
    """The answer to `ask`; inside `one_set_of_accounts` each question is asked once."""
    book = _kept.get()
    if book is None:
        return ask()
    if question not in book.answers:
        book.answers[question] = ask()
    answer: Answer = book.answers[question]
    return answer


def has_no_rows(model: type[Model]) -> bool:
    """True only where it was found out once for all; elsewhere asking would cost what it saves."""
    return _kept.get() is not None and not kept(model, model._default_manager.exists)


def _asked(user_ids: Collection[int]) -> tuple[list[User], dict[int, set[str]]]:
    return list(User.objects.filter(pk__in=user_ids, is_active=True)), _rights(user_ids)


def readers(incident: Incident, user_ids: Collection[int], involved: Collection[int]) -> dict[int, Reader]:
    """The active ones among these people who may see the incident. `involved`: its current watchers."""
    kept = _kept.get()
    people, rights = kept.of(user_ids) if kept else _asked(user_ids)
    own_team = _team_of(incident, user_ids)
    allowed = {}
    for user in people:
        onlooker = Onlooker(
            pk=user.pk,
            rights=RIGHTS if user.is_superuser else rights[user.pk],
            watches=user.pk in involved,
            is_in_its_team=user.pk in own_team,
        )
        if onlooker.sees(incident):
            allowed[user.pk] = Reader(user, sees_internal=onlooker.sees_internal)
    return allowed


def _rights(user_ids: Collection[int]) -> dict[int, set[str]]:
    wanted = Permission.objects.filter(content_type__app_label="incidents", codename__in=CODENAMES)
    rights: dict[int, set[str]] = defaultdict(set)
    for path in ("group__user", "user"):
        for pk, codename in wanted.filter(**{f"{path}__in": user_ids}).values_list(path, "codename"):
            rights[pk].add(f"incidents.{codename}")
    return rights


def _team_of(incident: Incident, user_ids: Collection[int]) -> set[int]:
    """Asked only when it matters."""
    if not (incident.is_confidential and incident.team_id):
        return set()
    return set(
        Team.objects.filter(pk=incident.team_id, members__in=user_ids).values_list("members", flat=True)
    )
