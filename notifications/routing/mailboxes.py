"""Who of many people may read an entry, and whom mail about it reaches."""

from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Q

from incidents.models import TimelineEntry
from notifications.models import OptOut, Suppression
from notifications.routing.access import Reader, has_no_rows, readers
from notifications.routing.concerned import told_of_themselves


class Mailboxes:
    """What is known of the people asked for so far; a new set of them costs one round of queries."""

    def __init__(self, entry: TimelineEntry, watching: Collection[int]) -> None:
        self._entry, self._watching = entry, watching
        self._about = told_of_themselves(entry)
        self._asked: set[int] = set()
        self._readers: dict[int, Reader] = {}
        self._out: set[tuple[int, str]] = set()
        self._suppressed: set[str] = set()

    def ask(self, people: Collection[int]) -> None:
        new = set(people) - self._asked
        if not new:
            return
        self._asked |= new
        found = readers(self._entry.incident, new, self._watching)
        self._readers |= found
        self._out |= opted_out(self._entry.incident_id, found)
        self._suppressed |= suppressed([reader.user for reader in found.values()], self._entry.at)

    def sees_incident(self, person: int) -> bool:
        return person in self._readers

    def may_read(self, person: int) -> bool:
        reader = self._readers.get(person)
        return reader is not None and (self._entry.is_public or reader.sees_internal or person in self._about)

    def gets(self, person: int, reason: str) -> bool:
        """A mail is made for them. One to a suppressed address is held then, where people see it."""
        has_address = self.may_read(person) and bool(self._readers[person].user.email)
        return has_address and not {(person, ""), (person, reason)} & self._out

    def reaches(self, person: int, reason: str) -> bool:
        return self.gets(person, reason) and self._readers[person].user.email.lower() not in self._suppressed


def opted_out(incident_id: int, people: Collection[int]) -> set[tuple[int, str]]:
    """(person, reason) of what they do not want to hear; an empty reason stands for all."""
    if has_no_rows(OptOut):
        return set()
    rows = OptOut.objects.filter(Q(incident=None) | Q(incident=incident_id), user__in=people)
    return set(rows.values_list("user_id", "reason"))


def suppressed(people: Collection[User], at: datetime) -> set[str]:
    if has_no_rows(Suppression):
        return set()
    addresses = [person.email.lower() for person in people if person.email]
    rows = Suppression.objects.in_force(at).filter(address__in=addresses)
    return set(rows.values_list("address", flat=True))
