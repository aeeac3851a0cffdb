import gzip
import lzma
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from incidents.importers.reading import LONGEST_LINE, BrokenOff, Line, LogFile, NotALog

TEXT = b"first\nsecond\n" + b"\n".join(b"%d,%x" % (number, number**3) for number in range(20_000)) + b"\n"


@pytest.mark.parametrize("pack", [bytes, lzma.compress, gzip.compress], ids=["plain", "xz", "gz"])
def test_a_log_is_unpacked_by_its_first_bytes_whatever_its_name(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "log.txt"
    path.write_bytes(pack(TEXT))

    with LogFile(path) as log:
        lines = list(log.lines())
        position = log.position

    assert len(lines) == 20_002
    assert [(line.number, line.content) for line in lines[:2]] == [(1, "first"), (2, "second")]
    assert position == path.stat().st_size


@pytest.mark.parametrize("pack", [lzma.compress, gzip.compress], ids=["xz", "gz"])
def test_a_packed_log_cut_short_gives_its_lines_and_then_says_where_it_broke(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "log"
    packed = pack(TEXT)
    path.write_bytes(packed[: len(packed) // 2])
    seen: list[Line] = []

    with LogFile(path) as log, pytest.raises(BrokenOff, match="cut short or damaged") as broken:
        seen.extend(log.lines())

    assert 8_000 < len(seen) < 12_000
    assert broken.value.line == len(seen) + 1


def test_damage_in_the_middle_of_a_packed_log_is_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "log.xz"
    packed = bytearray(lzma.compress(TEXT))
    packed[len(packed) // 2] ^= 0xFF
    path.write_bytes(packed)

    with LogFile(path) as log, pytest.raises(BrokenOff):
        list(log.lines())


def test_a_line_without_end_is_cut_and_the_next_one_read(tmp_path: Path) -> None:
    path = tmp_path / "log.xz"
    path.write_bytes(lzma.compress(b"x" * (3 * LONGEST_LINE) + b"\nnext\n"))

    with LogFile(path) as log:
        long, following = log.lines()

    assert (len(long.content), long.is_whole, long.is_ended) == (LONGEST_LINE, False, True)
    assert (following.number, following.content, following.is_whole) == (2, "next", True)


def test_a_last_line_without_line_end_is_marked(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(b"whole\r\ncut")

    with LogFile(path) as log:
        whole, cut = log.lines()

    assert (whole.content, whole.is_ended) == ("whole", True)
    assert (cut.content, cut.is_ended) == ("cut", False)


def test_what_is_no_file_of_text_is_refused_with_what_to_do(tmp_path: Path) -> None:
    archive = tmp_path / "log.zip"
    archive.write_bytes(b"PK\x03\x04rest")

    with pytest.raises(NotALog, match="Unpack it"):
        LogFile(archive)
    with pytest.raises(NotALog, match="No such file"):
        LogFile(tmp_path / "none.csv")
    with pytest.raises(NotALog, match="Is a directory"):
        LogFile(tmp_path)


def test_a_line_as_long_as_any_may_be_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    longest = "x" * (LONGEST_LINE - 1)
    path.write_text(f"{longest}\n{longest}y\nlast\n")

    with LogFile(path) as log:
        told = [(line.number, len(line.content), line.is_whole) for line in log.lines()]

    assert told == [(1, LONGEST_LINE - 1, True), (2, LONGEST_LINE, False), (3, 4, True)]


def test_a_pipe_is_read_like_a_file_and_has_no_position(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(b"first\nsecond\n",))
    writer.start()

    with LogFile(path) as log:
        content = [line.content for line in log.lines()]
        position = log.position
    writer.join()

    assert (content, position) == (["first", "second"], 0)
