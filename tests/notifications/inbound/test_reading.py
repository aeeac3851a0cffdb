"""Bytes to words, in time that grows with their number."""

import time

import pytest

from notifications.inbound.charsets import codec, decode
from notifications.inbound.markup import text_of
from notifications.inbound.quotation import own_words
from notifications.inbound.reading import read, unflowed

#: Longer than a slow machine needs, shorter than anything quadratic takes on a megabyte.
SECONDS = 8
MEGABYTE = 1_000_000


@pytest.mark.parametrize(
    ("label", "raw", "text"),
    [
        ("utf-8", b"Dr\xc3\xbccker", "Drücker"),
        ("utf-8", b"Dr\xfccker", "Drücker"),
        ("us-ascii", b"Dr\xc3\xbccker", "Drücker"),
        ("iso-8859-1", b"\x80 5", "€ 5"),
        ("Latin1", b"\x93x\x94", "“x”"),
        ("gb2312", "镕".encode("gbk"), "镕"),
        ("shift_jis", "①".encode("cp932"), "①"),
        ("big5", "電".encode("big5"), "電"),
        ("ibm-850", b"Gr\x81\xe1e", "Grüße"),
        ("'UTF-8'", b"\xef\xbb\xbfx", "x"),
        ("windows-1252", b"\x81", "\x81"),
        ("rot13", b"uryyb", "uryyb"),
        ("unicode-escape", rb"\x41", r"\x41"),
        ("utf-7", b"+AEE-", "+AEE-"),
        ("koi8-r", "привет".encode("koi8-r"), "привет"),
        ("utf-16", "hi".encode("utf-16"), "hi"),
    ],
)
def test_label_is_read_as_it_is_meant(label: str, raw: bytes, text: str) -> None:
    assert decode(raw, label) == text


def test_label_of_no_charset_is_a_guess() -> None:
    assert {codec(label) for label in ("base64", "x-nothing", "\0", "", "hex" * 100)} == {"utf-8"}


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("a<br>b", "a\nb"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("x<script>alert(1)</script><style>p{}</style>y", "xy"),
        ("<ul><li>one</li><li>two</li></ul>", "- one\n- two"),
        ("Yes.<blockquote><p>Is it?</p><blockquote>Hm</blockquote></blockquote>", "Yes.\n> Is it?\n\n> > Hm"),
        ("a &lt;b&gt; &amp; c&nbsp;d", "a <b> & c d"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
    ],
)
def test_markup_becomes_lines(html: str, text: str) -> None:
    lines = [line for line in text_of(html).split("\n") if line.strip(" >")]

    assert lines == [line for line in text.split("\n") if line]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Yes.\n\n-----Original Message-----\nFrom: a\nSent: b\n\nQuestion", "Yes."),
        ("Yes.\n\n*From:* Desk\n*Sent:* Monday\n\nQuestion", "Yes."),
        ("Yes.\n\nFrom: Lisbon\nto Porto it works", "Yes.\n\nFrom: Lisbon\nto Porto it works"),
        ("From: Desk\nSent: Monday\n\nAll of it", "From: Desk\nSent: Monday\n\nAll of it"),
        ("It says:\n> error 5", "It says:\n> error 5"),
        ("My colleague wrote:\n> it fails", "My colleague wrote:\n> it fails"),
        ("On Mon, 2 Mar 2026 Desk\n<d@e.org> wrote:\n> x\n\nAnswer below", None),
        ("Yes.\n\nOn Mon, 2 Mar 2026 Desk\n<d@e.org> wrote:\n> x", "Yes."),
        ("Yes.\n-- \nCarol\n\nOn Mon, 2 Mar 2026 Desk <d@e.org> wrote:\n> x", "Yes."),
        ("Yes.\n\nAm Mo., 2. März 2026 um 10:00 Uhr schrieb Desk <d@e.org>:\n> x\n-- \nCarol", "Yes."),
        ("2026年3月2日(月) 10:00 Desk <d@e.org>:\n> x", ""),
        ("a\n-- \n" + "b\n" * 11, "a\n--" + "\nb" * 11),
    ],
)
def test_only_a_quotation_that_ends_the_mail_is_cut(text: str, kept: str | None) -> None:
    assert own_words(text) == (text.strip() if kept is None else kept)


def test_flowed_lines_keep_quotations_and_the_signature() -> None:
    text = ">> so \n>> it goes\n> on \nand \non\n-- \nme"

    assert unflowed(text, joins=False) == ">> so it goes\n> on \nand on\n-- \nme"


@pytest.mark.parametrize(
    "filling",
    [" ", ">", "> ", "\n", "<", "<div>", "(", "-", "[cid:", "=?x?q?"],
)
@pytest.mark.parametrize("kind", ["text/plain", "text/html", "header", "flowed"])
def test_a_megabyte_of_anything_is_read_in_time(filling: str, kind: str) -> None:
    body = (filling * (MEGABYTE // len(filling))).encode()
    line = body.replace(b"\n", b" ")
    mail = {
        "header": b"From: %s\nTo: %s\nSubject: %s\nReferences: %s\n\nx" % (line, line, line, line),
        "flowed": b"Content-Type: text/plain; format=flowed\n\n" + body,
    }.get(kind, f"Content-Type: {kind}\n\n".encode() + body)
    begun = time.process_time()

    letter = read(mail)
    words = own_words(letter.text)

    assert (words, letter.senders, letter.subject) != ()
    assert time.process_time() - begun < SECONDS
