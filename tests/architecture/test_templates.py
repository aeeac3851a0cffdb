"""Templates that a person can read: short lines, and one block a line."""

import re
from collections.abc import Iterator

from tests.architecture.sources import ROOT

FOLDER = ROOT / "templates"
LONGEST = 120
BLOCK = re.compile(
    r"<(?:article|aside|dd|details|div|dl|dt|fieldset|figure|footer|form|h[1-6]|header|li|main|nav|ol|p|section|table"
    r"|tbody|td|tfoot|th|thead|tr|ul)\b"
)
#: A sentence cannot be broken without becoming another one for translators, nor can a tag of Django's.
UNBROKEN = re.compile(r"\s*\{% [^%]+ %\}")


def crowded(text: str) -> Iterator[int]:
    """Numbers of lines on which more than one block begins."""
    for number, line in enumerate(text.splitlines(), start=1):
        if len(BLOCK.findall(line)) > 1:
            yield number


def too_long(text: str) -> Iterator[int]:
    for number, line in enumerate(text.splitlines(), start=1):
        if len(line) > LONGEST and not UNBROKEN.fullmatch(line):
            yield number


def test_templates_can_be_read() -> None:
    walls = {
        path.relative_to(FOLDER).as_posix()
        for path in FOLDER.rglob("*.html")
        for text in [path.read_text()]
        if [*crowded(text), *too_long(text)]
    }

    assert walls == set()


def test_a_wall_is_found() -> None:
    assert list(crowded("<ul><li>a</li></ul>\n<li><b>a</b> <i>b</i></li>\n<link><p>")) == [1]
    sentence = '  {% translate "' + "x" * 121 + '" %}'
    assert list(too_long(f"{'x' * 121}\n{sentence}\n{sentence}<b>{{{{ x }}}}</b>")) == [1, 3]
