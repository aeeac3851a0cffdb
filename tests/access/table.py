"""Who gets what by which way (`table.txt`): blocks of ways, each headed by what its callers are answered."""

from pathlib import Path

from tests.access.desk import CALLERS

PLACE = Path(__file__).with_name("table.txt")
HEAD = f"""Each block is headed by the answers to its callers, in this order:
{" ".join(CALLERS)}
What stands for an answer: its status; `login` for being sent there; `-` where there is nothing to try;
`+` behind it where rows changed. [secret] and [plain] say of which incident the row is, a confidential
one of another team or an ordinary one.

"""


def read() -> dict[str, dict[str, str]]:
    """{way: {caller: cell}}"""
    found: dict[str, dict[str, str]] = {}
    cells: list[str] = []
    for line in PLACE.read_text().removeprefix(HEAD).splitlines():
        if line.startswith("  "):
            found[line.strip()] = dict(zip(CALLERS, cells, strict=True))
        elif line:
            cells = line.split()
    return found


def written(rows: list[tuple[str, str]]) -> str:
    blocks: dict[str, list[str]] = {}
    for way, cells in rows:
        blocks.setdefault(cells, []).append(way)
    return HEAD + "\n".join(
        "\n".join([cells, *(f"  {way}" for way in ways), ""]) for cells, ways in blocks.items()
    )
