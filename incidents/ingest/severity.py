"""From a tool's word for how bad it is to impact and urgency; the matrix makes a priority of them."""

from incidents.enums import Impact, Urgency

WORST = (Impact.HIGH, Urgency.HIGH)
BAD = (Impact.MEDIUM, Urgency.HIGH)
MIDDLING = (Impact.MEDIUM, Urgency.MEDIUM)
SLIGHT = (Impact.LOW, Urgency.LOW)

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


def weigh(word: str | None) -> tuple[Impact, Urgency]:
    """Middling where the tool says nothing, or nothing we know."""
    return WORDS.get((word or "").strip().lower(), MIDDLING)
