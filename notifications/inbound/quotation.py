"""What a person wrote, without the mail that theirs ends with.

Cut is only a quotation that ends the mail, under a line that introduces it, and the signature. In
doubt it stays: too much can be skipped by its reader, and what is cut is read by nobody. All lines are
looked at once, by their first characters.
"""

import re

LINE = 500
LINES_OF_AN_INTRODUCTION = 4
LINES_OF_A_SIGNATURE = 10
LINES_OF_A_HEAD = 4

#: "wrote", in the languages mail programs say it.
WROTE = (
    "wrote", "schrieb", "geschrieben", "a écrit", "écrit", "escribió", "escreveu", "ha scritto", "scritto",
    "schreef", "skrev", "napisał", "napsal", "kirjoitti", "írta", "a scris", "yazdı", "написал", "пишет",
)  # fmt: skip
#: How such a line begins.
OPENERS = ("on ", "am ", "le ", "el ", "il ", "em ", "op ", "den ", "dnia ", "dne ", "w dniu ", "pe ", "på ")
#: The first and another line of a mail's head as Outlook repeats it.
FROM = frozenset(
    {"from", "von", "de", "da", "van", "från", "fra", "od", "lähettäjä", "feladó", "от", "差出人", "发件人"}
)
SENT = frozenset(
    {
        "sent", "date", "gesendet", "datum", "envoyé", "enviado", "enviada em", "enviado el", "fecha",
        "inviato", "data", "verzonden", "skickat", "sendt", "wysłano", "odesláno", "lähetetty", "elküldve",
        "отправлено", "дата", "送信日時", "发送时间",
    }
)  # fmt: skip
RULE = re.compile(r"[_=*-]{5,80}|-{2,10} ?[^-]{3,60} ?-{2,10}")
TIME_OR_YEAR = re.compile(r"[0-9]{1,2}[:.h][0-9]{2}|[0-9]{4}")


def own_words(text: str) -> str:
    lines = text.splitlines()
    lines = _without_head(_without_signature(lines))
    lines = _without_signature(_without_quotation(lines))
    return "\n".join(line.rstrip() for line in lines).strip()


def _without_signature(lines: list[str]) -> list[str]:
    """`-- ` (RFC 3676) with few lines after it. Without the blank it is somebody's text."""
    first = max(1, len(lines) - LINES_OF_A_SIGNATURE - 1)
    for place in range(len(lines) - 1, first - 1, -1):
        if lines[place] == "-- ":
            return lines[:place]
    return lines


def _without_quotation(lines: list[str]) -> list[str]:
    end = len(lines)
    while end and (lines[end - 1].startswith(">") or not lines[end - 1].strip()):
        end -= 1
    if not any(line.startswith(">") for line in lines[end:]):
        return lines
    start = _introduction(lines, end)
    return lines if start is None else lines[:start]


def _introduction(lines: list[str], end: int) -> int | None:
    """Where the lines begin that introduce what stands from `end` on. They may be wrapped."""
    words = ""
    for place in range(end - 1, max(-1, end - 1 - LINES_OF_AN_INTRODUCTION), -1):
        line = lines[place][:LINE].strip()
        if not line or line.startswith(">"):
            return None
        if RULE.fullmatch(line) and not words:
            return place
        words = f"{line} {words}".strip()
        if _introduces(words):
            return place
    return None


def _introduces(words: str) -> bool:
    folded = words.casefold()
    says_who = any(word in folded for word in WROTE) or "@" in folded
    says_when = folded.startswith(OPENERS) or TIME_OR_YEAR.search(folded) is not None
    is_whole = folded.count("<") == folded.count(">")
    return folded.endswith((":", "：")) and says_who and says_when and is_whole


def _without_head(lines: list[str]) -> list[str]:
    """Outlook repeats the mail unmarked, under the head it had: From, Sent, To, Subject."""
    for place in range(1, len(lines)):
        if not _is_head(lines, place):
            continue
        above = lines[:place]
        while above and (not above[-1].strip() or RULE.fullmatch(above[-1].strip()[:LINE])):
            above.pop()
        if len(above) < place and above:
            return above
    return lines


def _is_head(lines: list[str], place: int) -> bool:
    if _label(lines[place]) not in FROM:
        return False
    return any(_label(line) in SENT for line in lines[place + 1 : place + LINES_OF_A_HEAD])


def _label(line: str) -> str:
    name, colon, _rest = line[:LINE].partition(":")
    return name.strip(" *\t\xa0").casefold() if colon else ""
