"""What an entry says whose words depend on what it holds. Reads the entry; asks for names what it names."""

from typing import TYPE_CHECKING, Any, Protocol

from django.utils.translation import gettext as _

from incidents.enums import ActionKind, EvidenceKind, HoldReason, Metric, ResolutionCode, Verdict, Via

if TYPE_CHECKING:
    from incidents.models import TimelineEntry


class Names(Protocol):
    """Looks up whom and what the entries of a page mention."""

    def person(self, pk: object) -> str: ...
    def numbered(self, number: str | None) -> str: ...
    def assignment(self, entry: "TimelineEntry") -> str: ...


def opened(entry: "TimelineEntry", _names: Names) -> str:
    return _("opened this by %(door)s") % {"door": entry.get_via_display()}


def replied(entry: "TimelineEntry", _names: Names) -> str:
    if entry.via == Via.ADMIN:
        return _("replied")
    return _("answered by %(door)s") % {"door": entry.get_via_display()}


def assigned(entry: "TimelineEntry", names: Names) -> str:
    return names.assignment(entry)


def held(entry: "TimelineEntry", _names: Names) -> str:
    reason = entry.changes.get("hold_reason", ["", ""])[1]
    waits = label(HoldReason, reason) if reason else _("waiting")
    return _("put it on hold: %(reason)s") % {"reason": waits[:1].lower() + waits[1:]}


def resolved(entry: "TimelineEntry", _names: Names) -> str:
    code = entry.changes.get("resolution_code", ["", ""])[1]
    return _("resolved it: %(code)s") % {"code": label(ResolutionCode, code) if code else "–"}


def merged(entry: "TimelineEntry", names: Names) -> str:
    return _("merged it into %(number)s") % {"number": names.numbered(entry.data.get("into"))}


def absorbed(entry: "TimelineEntry", names: Names) -> str:
    return _("joined %(number)s to this one") % {"number": names.numbered(entry.data.get("duplicate"))}


def lets_watch(entry: "TimelineEntry", names: Names) -> str:
    return _("lets %(name)s watch") % {"name": names.person(entry.data.get("watcher"))}


def ended_watching(entry: "TimelineEntry", names: Names) -> str:
    return _("ended the watching of %(name)s") % {"name": names.person(entry.data.get("watcher"))}


def action(entry: "TimelineEntry", _names: Names) -> str:
    return label(ActionKind, entry.data.get("action", {}).get("kind", ""))


def evidence(entry: "TimelineEntry", _names: Names) -> str:
    facts = entry.data.get("evidence", {})
    return f"{label(EvidenceKind, facts.get('kind', ''))}: {facts.get('title', '')}"


def suspects(entry: "TimelineEntry", _names: Names) -> str:
    return _("suspects: %(text)s") % {"text": entry.data.get("hypothesis", {}).get("text", "")}


def weighed(entry: "TimelineEntry", _names: Names) -> str:
    facts = entry.data.get("hypothesis", {})
    verdict = label(Verdict, facts.get("verdict", "")).lower()
    return _("weighed “%(text)s”: %(verdict)s") % {"text": facts.get("text", ""), "verdict": verdict}


def warned(entry: "TimelineEntry", _names: Names) -> str:
    clock = entry.data.get("clock", {})
    return _("%(metric)s: %(percent)s %% of the promised time is used") % {
        "metric": label(Metric, clock.get("metric", "")),
        "percent": clock.get("percent", ""),
    }


def breached(entry: "TimelineEntry", _names: Names) -> str:
    metric = label(Metric, entry.data.get("clock", {}).get("metric", ""))
    return _("%(metric)s: the promised time has passed") % {"metric": metric}


def label(choices: Any, value: str) -> str:
    return str(choices(value).label) if value in choices.values else str(value)
