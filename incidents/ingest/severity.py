"""From a tool's word for how bad it is to impact and urgency; the matrix makes a priority of them."""

from incidents.enums import Impact, Urgency

#: From the worst to the slightest. An alert keeps its place in here.
GRADES = (
    (Impact.HIGH, Urgency.HIGH),
    (Impact.MEDIUM, Urgency.HIGH),
    (Impact.MEDIUM, Urgency.MEDIUM),
    (Impact.LOW, Urgency.LOW),
)
WORST, BAD, MIDDLING, SLIGHT = range(len(GRADES))

WORDS = {
    **dict.fromkeys(("critical", "disaster", "fatal", "page", "emergency", "p1", "down"), WORST),
    **dict.fromkeys(("error", "high", "major", "p2", "unreachable"), BAD),
    **dict.fromkeys(("warning", "warn", "medium", "average", "minor", "moderate", "p3", "unknown"), MIDDLING),
    **dict.fromkeys(
        ("info", "information", "informational", "low", "debug", "not classified", "no severity", "p4", "p5"),
        SLIGHT,
    ),
}
#: A heartbeat that shows the tool lives. It is no alarm.
HEARTBEAT = "none"


def is_heartbeat(word: str | None) -> bool:
    return word is not None and word.strip().lower() == HEARTBEAT


def grade_of(word: str | None, *, is_lesser: bool = False) -> int | None:
    """The place in GRADES; one down for a warning of that severity. None for what we do not know."""
    place = WORDS.get((word or "").strip().lower())
    return min(place + 1, SLIGHT) if place is not None and is_lesser else place


def weigh(word: str | None, *, is_lesser: bool = False) -> int:
    """Middling where the tool says nothing, or nothing we know."""
    place = grade_of(word, is_lesser=is_lesser)
    return MIDDLING if place is None else place
