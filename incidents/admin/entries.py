"""The timeline in words: what each entry says, with all names of a page looked up at once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.utils import dateformat, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.admin.base import StrOrPromise, name_of
from incidents.enums import (
    ActionKind,
    ActionOutcome,
    EntryKind,
    EvidenceKind,
    HoldReason,
    Metric,
    ResolutionCode,
    State,
    Verdict,
)
from incidents.models import Attachment, Evidence, Incident, Problem, TimelineEntry

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
        "source_number",
        "state",
    }
)
#: Too long to stand in a line.
LONG = frozenset({"description", "root_cause"})
TALK = (EntryKind.OPENED, EntryKind.COMMENTED, EntryKind.NOTED)
FINDINGS = (
    EntryKind.EVIDENCE_ADDED,
    EntryKind.ALERTED,
    EntryKind.HYPOTHESIS_ADDED,
    EntryKind.HYPOTHESIS_WEIGHED,
    EntryKind.ROOT_CAUSE_RECORDED,
)
#: Kinds whose text speaks to the requester: drawn as what somebody said.
SPEECH = frozenset(
    {
        EntryKind.OPENED,
        EntryKind.COMMENTED,
        EntryKind.HELD,
        EntryKind.MITIGATED,
        EntryKind.RESOLVED,
        EntryKind.REOPENED,
        EntryKind.CLOSED,
        EntryKind.CANCELLED,
        EntryKind.MAJOR_DECLARED,
        EntryKind.STOOD_DOWN,
    }
)
ICONS: Mapping[str, str] = {
    EntryKind.ACKNOWLEDGED: "eye",
    EntryKind.ACTION_PLANNED: "calendar",
    EntryKind.ACTION_TAKEN: "action",
    EntryKind.ALERTED: "alert",
    EntryKind.ASSIGNED: "user",
    EntryKind.CANCELLED: "close",
    EntryKind.CLOSED: "check-circle",
    EntryKind.COMMENTED: "reply",
    EntryKind.EDITED: "pencil",
    EntryKind.EVIDENCE_ADDED: "evidence",
    EntryKind.HELD: "pause",
    EntryKind.HYPOTHESIS_ADDED: "search",
    EntryKind.HYPOTHESIS_WEIGHED: "search",
    EntryKind.ROOT_CAUSE_RECORDED: "search",
    EntryKind.IMPORTED: "upload",
    EntryKind.LINKED: "link",
    EntryKind.MAJOR_DECLARED: "major",
    EntryKind.MERGED: "children",
    EntryKind.ABSORBED: "children",
    EntryKind.MITIGATED: "heart",
    EntryKind.NOTED: "note",
    EntryKind.OPENED: "incident",
    EntryKind.PRIORITY_OVERRIDDEN: "priority",
    EntryKind.RESOLVED: "check",
    EntryKind.REVIEW_PUBLISHED: "review",
    EntryKind.SEVERITY_ASSESSED: "priority",
    EntryKind.SLA_BREACHED: "late",
    EntryKind.SLA_WARNED: "clock",
    EntryKind.STOOD_DOWN: "major",
    EntryKind.WATCHER_ADDED: "bell",
    EntryKind.WATCHER_REMOVED: "bell",
}
#: What somebody did, after their name. Kinds with more to say are in `sentence`.
DID: Mapping[str, StrOrPromise] = {
    EntryKind.ACKNOWLEDGED: gettext_lazy("acknowledged it and started"),
    EntryKind.ASSIGNED: gettext_lazy("assigned it"),
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
}


@dataclass(slots=True)
class Line:
    """One entry as the page draws it. `look` is its CSS class: public, note, item or event."""

    entry: TimelineEntry
    look: str
    icon: str
    tone: str
    sentence: str
    changes: list[str]
    text: str
    by_requester: bool
    files: list[Attachment]
    evidence: Evidence | None = None
    facts: list[tuple[str, str]] = field(default_factory=list)


def group_of(kind: str) -> str:
    """The tab of the timeline it belongs to."""
    return "talk" if kind in TALK else "evidence" if kind in FINDINGS else "changes"


def lines_of(incident: Incident, entries: list[TimelineEntry]) -> list[Line]:
    """The entries of one page, told. One query for each kind of thing that they name."""
    files = attachments_of(entries)
    evidence = evidence_of(entries)
    names = Names(entries)
    return [
        _line(incident, entry, names, files[entry.pk], evidence.get(_evidence_id(entry))) for entry in entries
    ]


def _line(
    incident: Incident, entry: TimelineEntry, names: "Names", files: list[Attachment], proof: Evidence | None
) -> Line:
    says = bool(entry.text) and entry.kind in SPEECH and entry.is_public
    look = "public" if says or (files and entry.kind == EntryKind.COMMENTED) else "event"
    if entry.kind == EntryKind.NOTED:
        look = "note"
    elif entry.kind in {EntryKind.ACTION_TAKEN, EntryKind.ACTION_PLANNED, EntryKind.EVIDENCE_ADDED}:
        look = "item"
    changes = [] if entry.kind == EntryKind.OPENED else names.changes(entry)
    sentence = sentence_of(entry, names)
    if len(changes) == 1 and look == "event":
        joint = " " if entry.kind == EntryKind.EDITED else ": "
        sentence, changes = f"{sentence}{joint}{changes[0]}", []
    return Line(
        entry=entry,
        look=look,
        icon=ICONS.get(entry.kind, "pencil"),
        tone=_tone(entry),
        sentence=sentence,
        changes=changes,
        text=entry.text or str(entry.data.get("note") or entry.data.get("reason") or ""),
        by_requester=entry.actor_id is not None and entry.actor_id == incident.requester_id,
        files=files,
        evidence=proof,
        facts=_action_facts(entry),
    )


def _tone(entry: TimelineEntry) -> str:
    if entry.kind in {EntryKind.SLA_BREACHED, EntryKind.MAJOR_DECLARED, EntryKind.ALERTED}:
        return "red"
    outcome = entry.data.get("action", {}).get("outcome")
    return "green" if outcome == ActionOutcome.SUCCEEDED or entry.kind == EntryKind.RESOLVED else ""


def _action_facts(entry: TimelineEntry) -> list[tuple[str, str]]:
    action = entry.data.get("action")
    if not action:
        return []
    facts = [(action["outcome"], _label(ActionOutcome, action["outcome"]))]
    return [*facts, ("reference", action["reference"])] if action.get("reference") else facts


def sentence_of(entry: TimelineEntry, names: "Names") -> str:  # noqa: C901, PLR0911, PLR0912 -- one branch a kind
    data = entry.data
    match entry.kind:
        case EntryKind.OPENED:
            return _("opened this by %(door)s") % {"door": entry.get_via_display()}
        case EntryKind.COMMENTED:
            return _("answered by %(door)s") % {"door": entry.get_via_display()}
        case EntryKind.NOTED:
            return ""
        case EntryKind.HELD:
            reason = entry.changes.get("hold_reason", ["", ""])[1]
            waits = _label(HoldReason, reason) if reason else _("waiting")
            return _("put it on hold: %(reason)s") % {"reason": waits[:1].lower() + waits[1:]}
        case EntryKind.RESOLVED:
            code = entry.changes.get("resolution_code", ["", ""])[1]
            return _("resolved it: %(code)s") % {"code": _label(ResolutionCode, code) if code else "–"}
        case EntryKind.MERGED:
            return _("merged it into %(number)s") % {"number": data.get("into", "")}
        case EntryKind.ABSORBED:
            return _("joined %(number)s to this one") % {"number": data.get("duplicate", "")}
        case EntryKind.WATCHER_ADDED:
            return _("lets %(name)s watch") % {"name": names.person(data.get("watcher"))}
        case EntryKind.WATCHER_REMOVED:
            return _("ended the watching of %(name)s") % {"name": names.person(data.get("watcher"))}
        case EntryKind.ACTION_TAKEN | EntryKind.ACTION_PLANNED:
            return _label(ActionKind, data.get("action", {}).get("kind", ""))
        case EntryKind.EVIDENCE_ADDED:
            facts = data.get("evidence", {})
            return f"{_label(EvidenceKind, facts.get('kind', ''))}: {facts.get('title', '')}"
        case EntryKind.HYPOTHESIS_ADDED:
            return _("suspects: %(text)s") % {"text": data.get("hypothesis", {}).get("text", "")}
        case EntryKind.HYPOTHESIS_WEIGHED:
            facts = data.get("hypothesis", {})
            verdict = _label(Verdict, facts.get("verdict", "")).lower()
            return _("holds “%(text)s” for %(verdict)s") % {"text": facts.get("text", ""), "verdict": verdict}
        case EntryKind.SLA_WARNED | EntryKind.SLA_BREACHED:
            return _clock_sentence(entry)
        case EntryKind.ALERTED:
            return entry.text or _("Alert")
    return str(DID.get(entry.kind, entry.get_kind_display()))


def _clock_sentence(entry: TimelineEntry) -> str:
    clock = entry.data.get("clock", {})
    metric = _label(Metric, clock.get("metric", ""))
    if entry.kind == EntryKind.SLA_BREACHED:
        return _("%(metric)s: the promised time has passed") % {"metric": metric}
    return _("%(metric)s: %(percent)s %% of the promised time is used") % {
        "metric": metric,
        "percent": clock.get("percent", ""),
    }


def _label(choices: Any, value: str) -> str:
    return str(choices(value).label) if value in choices.values else str(value)


class Names:
    """Every row that the entries of a page mention, by table. One query a table."""

    def __init__(self, entries: Iterable[TimelineEntry]) -> None:
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
        self.found = {model: model._default_manager.in_bulk(ids) for model, ids in wanted.items()}

    def person(self, pk: Any) -> str:
        user = self.found.get(User, {}).get(pk)
        return name_of(user) if user else _("somebody")

    def changes(self, entry: TimelineEntry) -> list[str]:
        """ "priority High → Critical", one line a changed field that says something."""
        said = {name: pair for name, pair in entry.changes.items() if name not in UNSAID}
        if entry.kind in {EntryKind.HELD, EntryKind.RESUMED}:
            said.pop("hold_reason", None)
        if entry.kind in {EntryKind.RESOLVED, EntryKind.REOPENED}:
            said.pop("resolution_code", None)
        if entry.kind in {EntryKind.RESUMED, EntryKind.CLOSED, EntryKind.CANCELLED, EntryKind.RESOLVED}:
            said.pop("hold_reason", None)
        return [self._change(name, *pair) for name, pair in said.items()]

    def _change(self, name: str, old: Any, new: Any) -> str:
        label = str(Incident._meta.get_field(name).verbose_name)  # type: ignore[union-attr]  # noqa: SLF001 -- Django's own
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

    def _value(self, name: str, value: Any) -> str:
        column = Incident._meta.get_field(name)  # noqa: SLF001 -- Django's own
        model = _related(name)
        if model is Incident:
            return Incident(pk=value).number
        if model is Problem:
            return Problem(pk=value).number
        if model is not None:
            row = self.found.get(model, {}).get(value)
            return name_of(row) if isinstance(row, User) else str(row or "–")
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
    model = Incident._meta.get_field(name).related_model  # noqa: SLF001 -- Django's own
    return model if isinstance(model, type) else None


def _evidence_id(entry: TimelineEntry) -> Any:
    return entry.data.get("evidence", {}).get("id")


def attachments_of(entries: list[TimelineEntry]) -> dict[int, list[Attachment]]:
    files: dict[int, list[Attachment]] = defaultdict(list)
    for file in Attachment.objects.filter(entry__in=[entry.pk for entry in entries]).order_by("pk"):
        files[file.entry_id].append(file)
    return files


def evidence_of(entries: list[TimelineEntry]) -> dict[int, Evidence]:
    ids = [pk for entry in entries if (pk := _evidence_id(entry))]
    return Evidence.objects.in_bulk(ids) if ids else {}


def state_words(entry: TimelineEntry) -> str:
    return str(State(entry.state_after).label)
