"""What an entry says, in words, with all names of a page looked up at once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.utils import dateformat, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents import kinship
from incidents.enums import (
    ActionKind,
    EntryKind,
    EvidenceKind,
    HoldReason,
    Metric,
    ResolutionCode,
    Verdict,
    Via,
)
from incidents.models import Incident, Problem, TimelineEntry
from incidents.models.incident import parse_number
from incidents.timeline import plain
from itsm.ui.names import person_name
from itsm.ui.pages import StrOrPromise

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
#: Told by the sentence of that kind already.
TOLD_BY: Mapping[str, frozenset[str]] = {
    EntryKind.ASSIGNED: frozenset({"team", "assignee"}),
    EntryKind.HELD: frozenset({"hold_reason"}),
    EntryKind.RESUMED: frozenset({"hold_reason"}),
    EntryKind.COMMENTED: frozenset({"hold_reason"}),
    EntryKind.RESOLVED: frozenset({"hold_reason", "resolution_code"}),
    EntryKind.REOPENED: frozenset({"resolution_code"}),
    EntryKind.CLOSED: frozenset({"hold_reason"}),
    EntryKind.CANCELLED: frozenset({"hold_reason"}),
    EntryKind.MERGED: frozenset({"hold_reason"}),
}
#: Too long to stand in a line.
LONG = frozenset({"description", "root_cause"})
#: What somebody did, after their name. Kinds with more to say are in `sentence`.
DID: Mapping[str, StrOrPromise] = {
    EntryKind.ACKNOWLEDGED: gettext_lazy("acknowledged it and started"),
    EntryKind.RESUMED: gettext_lazy("went on with it"),
    EntryKind.MITIGATED: gettext_lazy("noted that the service is back"),
    EntryKind.REOPENED: gettext_lazy("reopened it"),
    EntryKind.CLOSED: gettext_lazy("closed it"),
    EntryKind.CANCELLED: gettext_lazy("cancelled it"),
    EntryKind.EDITED: gettext_lazy("changed"),
    EntryKind.PRIORITY_OVERRIDDEN: gettext_lazy("overrode the priority"),
    EntryKind.SEVERITY_ASSESSED: gettext_lazy("assessed the severity"),
    EntryKind.MAJOR_DECLARED: gettext_lazy("declared a major incident"),
    EntryKind.STOOD_DOWN: gettext_lazy("stood the major incident down"),
    EntryKind.ROOT_CAUSE_RECORDED: gettext_lazy("wrote the root cause down"),
    EntryKind.REVIEW_PUBLISHED: gettext_lazy("published the review"),
    EntryKind.IMPORTED: gettext_lazy("recorded elsewhere"),
    EntryKind.LINKED: gettext_lazy("linked it"),
    EntryKind.REDACTED: gettext_lazy("removed words that must not be kept"),
    EntryKind.ALERTED: gettext_lazy("noted what monitoring reports"),
    EntryKind.WORSENED: gettext_lazy("noted that an alert got worse"),
    EntryKind.STILL_FIRING: gettext_lazy("noted that an alert goes on"),
}


def sentence_of(entry: TimelineEntry, names: "Names") -> str:  # noqa: C901, PLR0911, PLR0912 -- one branch a kind
    data = entry.data
    match entry.kind:
        case EntryKind.OPENED:
            return _("opened this by %(door)s") % {"door": entry.get_via_display()}
        case EntryKind.COMMENTED:
            if entry.via == Via.ADMIN:
                return _("replied")
            return _("answered by %(door)s") % {"door": entry.get_via_display()}
        case EntryKind.ASSIGNED:
            return names.assignment(entry)
        case EntryKind.NOTED:
            return ""
        case EntryKind.HELD:
            reason = entry.changes.get("hold_reason", ["", ""])[1]
            waits = label(HoldReason, reason) if reason else _("waiting")
            return _("put it on hold: %(reason)s") % {"reason": waits[:1].lower() + waits[1:]}
        case EntryKind.RESOLVED:
            code = entry.changes.get("resolution_code", ["", ""])[1]
            return _("resolved it: %(code)s") % {"code": label(ResolutionCode, code) if code else "–"}
        case EntryKind.MERGED:
            return _("merged it into %(number)s") % {"number": names.numbered(data.get("into"))}
        case EntryKind.ABSORBED:
            return _("joined %(number)s to this one") % {"number": names.numbered(data.get("duplicate"))}
        case EntryKind.WATCHER_ADDED:
            return _("lets %(name)s watch") % {"name": names.person(data.get("watcher"))}
        case EntryKind.WATCHER_REMOVED:
            return _("ended the watching of %(name)s") % {"name": names.person(data.get("watcher"))}
        case EntryKind.ACTION_TAKEN | EntryKind.ACTION_PLANNED:
            return label(ActionKind, data.get("action", {}).get("kind", ""))
        case EntryKind.EVIDENCE_ADDED:
            facts = data.get("evidence", {})
            return f"{label(EvidenceKind, facts.get('kind', ''))}: {facts.get('title', '')}"
        case EntryKind.HYPOTHESIS_ADDED:
            return _("suspects: %(text)s") % {"text": data.get("hypothesis", {}).get("text", "")}
        case EntryKind.HYPOTHESIS_WEIGHED:
            facts = data.get("hypothesis", {})
            verdict = label(Verdict, facts.get("verdict", "")).lower()
            return _("weighed “%(text)s”: %(verdict)s") % {"text": facts.get("text", ""), "verdict": verdict}
        case EntryKind.SLA_WARNED | EntryKind.SLA_BREACHED:
            return _clock_sentence(entry)
    return str(DID.get(entry.kind, entry.get_kind_display()))


def _clock_sentence(entry: TimelineEntry) -> str:
    clock = entry.data.get("clock", {})
    metric = label(Metric, clock.get("metric", ""))
    if entry.kind == EntryKind.SLA_BREACHED:
        return _("%(metric)s: the promised time has passed") % {"metric": metric}
    return _("%(metric)s: %(percent)s %% of the promised time is used") % {
        "metric": metric,
        "percent": clock.get("percent", ""),
    }


def label(choices: Any, value: str) -> str:
    return str(choices(value).label) if value in choices.values else str(value)


class Names:
    """Every row that the entries of a page mention, by table. One query a table."""

    def __init__(self, entries: Iterable[TimelineEntry], reader: User) -> None:
        entries = list(entries)
        named = {pk for entry in entries for pk in kinship.named_in(entry.data)}
        self.hidden = kinship.hidden_from(reader, named)
        wanted: dict[type[Any], set[Any]] = defaultdict(set)
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

    def person(self, pk: Any) -> str:
        user = self.found.get(User, {}).get(pk)
        return person_name(user) if user else _("somebody")

    def incident(self, pk: int | None) -> str:
        """By its number, to who may see it."""
        return _("an incident that you may not see") if pk in self.hidden else Incident(pk=pk).number

    def numbered(self, number: str | None) -> str:
        return self.incident(parse_number(number or ""))

    def changes(self, entry: TimelineEntry) -> list[str]:
        """Such as "priority High → Critical", one line a changed field that says something."""
        told = UNSAID | TOLD_BY.get(entry.kind, frozenset())
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

    def _change(self, name: str, old: Any, new: Any) -> str:
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


def _related(name: str) -> type[Any] | None:
    model = Incident._meta.get_field(name).related_model
    return model if isinstance(model, type) else None
