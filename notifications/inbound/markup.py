"""The words of an HTML body: lines, quotations as quotations, nothing else."""

import re
from html import unescape
from html.parser import HTMLParser

import nh3

LONGEST = 1_000_000
LINES = {"div", "tr", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6"}
PARAGRAPHS = {"p", "pre"}
KEPT = {*LINES, *PARAGRAPHS, "blockquote", "br", "hr", "li", "td", "th"}
#: Elements without an end, and those whose end is often left out.
VOID = re.compile(r"<(?:area|br|col|hr|img|input|li|link|meta|o:p|p|td|th|tr|wbr)\b", re.IGNORECASE)
SILENT = {"script", "style", "title"}


#: Elements in elements: cleaning takes time with the square of it. No mail program comes near.
DEEPEST = 200
ELEMENT = re.compile(r"<(/?)[a-zA-Z]")
ANY_TAG = re.compile(r"<[^<>]{0,2000}>")


def text_of(html: str) -> str:
    """Cleaned first: what remains is well formed and holds no script, no link and no picture."""
    html = html[:LONGEST]
    if _depth(html) > DEEPEST:
        return unescape(ANY_TAG.sub("\n", html)).strip()
    reader = _Reader()
    reader.feed(nh3.clean(html, tags=KEPT, attributes={}, clean_content_tags=SILENT))
    reader.close()
    return reader.text()


def _depth(html: str) -> int:
    """At most so deep: elements that end by themselves count as open until something is closed."""
    depth = deepest = 0
    for tag in ELEMENT.finditer(VOID.sub("", html)):
        depth = max(0, depth - 1) if tag[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[tuple[int, list[str]]] = [(0, [])]
        self._depth = self._verbatim = 0

    def text(self) -> str:
        lines = ["> " * depth + " ".join("".join(words).split(" ")).rstrip() for depth, words in self._lines]
        return "\n".join(line.rstrip() for line in lines).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 -- its signature
        if tag == "br":
            self._end_line()
        elif tag == "hr":
            self._begin_line()
            self._lines[-1][1].append("________")
            self._end_line()
        elif tag in {"td", "th"}:
            self._lines[-1][1].append(" ")
        else:
            self._begin_line(apart=tag in PARAGRAPHS)
            self._step(tag, 1)
            if tag == "li":
                self._lines[-1][1].append("- ")

    def handle_endtag(self, tag: str) -> None:
        if tag not in {"br", "hr", "td", "th"}:
            self._step(tag, -1)
            self._begin_line(apart=tag in PARAGRAPHS)

    def _step(self, tag: str, by: int) -> None:
        if tag == "pre":
            self._verbatim += by
        if tag == "blockquote":
            self._depth += by
            self._begin_line()

    def handle_data(self, data: str) -> None:
        if self._verbatim:
            first, *others = data.split("\n")
            self._lines[-1][1].append(first)
            for line in others:
                self._end_line()
                self._lines[-1][1].append(line)
            return
        words = " ".join(data.replace("\xa0", " ").split())
        if not words:
            if self._lines[-1][1]:
                self._lines[-1][1].append(" ")
            return
        before = " " if data[0].isspace() and self._lines[-1][1] else ""
        self._lines[-1][1].append(before + words + (" " if data[-1].isspace() else ""))

    def _begin_line(self, *, apart: bool = False) -> None:
        """A fresh line at the depth of now; with an empty one before it where paragraphs stand apart."""
        depth, words = self._lines[-1]
        if words:
            self._end_line()
            if apart:
                self._end_line()
        elif depth != self._depth:
            self._lines[-1] = (self._depth, [])

    def _end_line(self) -> None:
        self._lines.append((self._depth, []))
