"""Whom and what the entries of a page mention, all looked up at once, and what they changed in words."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.utils import dateformat, timezone
from django.utils.translation import gettext as _

from incidents import kinship
from incidents.entry_kinds import ENTRY_KINDS
from incidents.enums import EntryKind
from incidents.models import Incident, Problem, TimelineEntry
from incidents.models.incident import parse_number
from incidents.timeline import plain
from itsm.ui.names import person_name

#: Told by the kind of the entry, or bookkeeping that tells nobody anything.
UNSAID = frozenset(
    {
        "acknowledged_at",
        "closed_at",
        "duplicate_of",
        "first_assigned_at",
        "is_major",
        "opened_at",
        "opened_by",
        "priority_overridden",
        "reassignment_count",
        "reopen_count",
        "resolution",
        "resolved_at",
        "source_name",
        "source_met_sla",
        "source_number",
        "state",
    }
)
#: Too long to stand in a line.
LONG = frozenset({"description", "root_cause"})


class Names:
    """Every row that the entries of a page mention, by table. One query a table."""

    def __init__(self, entries: Iterable[TimelineEntry], reader: User) -> None:
        entries = list(entries)
        named = {pk for entry in entries for pk in kinship.named_in(entry.data)}
        self.hidden = kinship.hidden_from(reader, named)
        wanted: dict[type[Any], set[object]] = defaultdict(set)
        for entry in entries:
            if isinstance(entry.data.get("watcher"), int):
                wanted[User].add(entry.data["watcher"])
            if entry.kind == EntryKind.OPENED:
                continue
            for name, values in entry.changes.items():
                model = _related(name)
                if model is not None and model not in {Incident, Problem} and name not in UNSAID:
                    wanted[model].update(value for value in values if value is not None)
        self.found = {model: model.objects.in_bulk(ids) for model, ids in wanted.items()}

    def person(self, pk: object) -> str:
        user = self.found.get(User, {}).get(pk)
        return person_name(user) if user else _("somebody")

    def incident(self, pk: int | None) -> str:
        """By its number, to who may see it."""
        return _("an incident that you may not see") if pk in self.hidden else Incident(pk=pk).number

    def numbered(self, number: str | None) -> str:
        return self.incident(parse_number(number or ""))

    def changes(self, entry: TimelineEntry) -> list[str]:
        """Such as "priority High → Critical", one line a changed field that says something."""
        told = UNSAID | ENTRY_KINDS[EntryKind(entry.kind)].tells
        said = {name: pair for name, pair in entry.changes.items() if name not in told}
        if entry.kind == EntryKind.MITIGATED and said.get("mitigated_at", ["", ""])[1] == plain(entry.at):
            del said["mitigated_at"]
        return [self._change(name, *pair) for name, pair in said.items()]

    def assignment(self, entry: TimelineEntry) -> str:
        """Such as "moved it from Network to ERP, to Wei Ling Tan"."""
        teams, people = entry.changes.get("team"), entry.changes.get("assignee")
        said = []
        if teams and teams[0] and teams[1]:
            words = {"old": self._value("team", teams[0]), "new": self._value("team", teams[1])}
            said.append(_("moved it from %(old)s to %(new)s") % words)
        elif teams and teams[1]:
            said.append(_("gave it to %(new)s") % {"new": self._value("team", teams[1])})
        elif teams:
            said.append(_("took it from %(old)s") % {"old": self._value("team", teams[0])})
        if people and people[1] is not None and people[1] == entry.actor_id:
            said.append(_("took it"))
        elif people and people[1]:
            said.append(_("assigned it to %(new)s") % {"new": self._value("assignee", people[1])})
        elif people:
            said.append(_("took it from %(old)s") % {"old": self._value("assignee", people[0])})
        return ", ".join(said) or _("assigned it")

    def _change(self, name: str, old: object, new: object) -> str:
        label = str(Incident._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
        if name in LONG:
            return (
                _("%(field)s rewritten") % {"field": label}
                if old
                else _("%(field)s written") % {"field": label}
            )
        if old in {None, ""}:
            return _("%(field)s: %(new)s") % {"field": label, "new": self._value(name, new)}
        if new in {None, ""}:
            return _("%(field)s: %(old)s taken away") % {"field": label, "old": self._value(name, old)}
        return _("%(field)s: %(old)s → %(new)s") % {
            "field": label,
            "old": self._value(name, old),
            "new": self._value(name, new),
        }

    def _value(self, name: str, value: Any) -> str:  # noqa: PLR0911 -- one return a kind of field
        column = Incident._meta.get_field(name)
        model = _related(name)
        if model is Incident:
            return self.incident(value)
        if model is Problem:
            return Problem(pk=value).number
        if model is not None:
            row = self.found.get(model, {}).get(value)
            return person_name(row) if isinstance(row, User) else str(row or "–")
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        choices = dict(getattr(column, "flatchoices", ()) or ())
        if value in choices:
            return str(choices[value])
        if name.endswith("_at"):
            at = timezone.localtime(datetime.fromisoformat(value))
            return dateformat.format(at, "j M Y, H:i")
        return str(value)


def _related(name: str) -> type[object] | None:
    model = Incident._meta.get_field(name).related_model
    return model if isinstance(model, type) else None
