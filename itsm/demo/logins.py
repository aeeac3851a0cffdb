"""The people of the demo whom a visitor may be."""

from typing import NamedTuple


class LogIn(NamedTuple):
    name: str
    password: str
    who: str
    sees: str


PASSWORD = "demo"  # noqa: S105 -- printed at every start; the demo never listens beyond loopback

DEMO_LOGINS = (
    LogIn("joana", PASSWORD, "Joana Pereira, accounting, Lisbon", "the portal, as a requester"),
    LogIn("lena", PASSWORD, "Lena Fischer, service desk, Hamburg", "the desk, as an agent"),
    LogIn("tomas", PASSWORD, "Tomás Rivera, service desk, Lisbon", "the desk, as a team lead"),
    LogIn("amara", PASSWORD, "Amara Okonkwo, Nairobi", "the desk, as incident manager"),
    LogIn("greta", PASSWORD, "Greta Holm, audit, Malmö", "the desk, reading only"),
    LogIn("ada", PASSWORD, "Ada Brandt, Hamburg", "everything, as administrator"),
)


def table() -> str:
    """The log-ins in columns, for a terminal."""
    rows = [("Log-in", "Password", "Who", "Sees"), *DEMO_LOGINS]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  " + "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
