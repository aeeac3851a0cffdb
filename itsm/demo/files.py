"""Small real files: a picture of a screen, an excerpt of a log."""

import struct
import zlib
from datetime import datetime, timedelta
from random import Random

from django.core.files.base import ContentFile

WIDTH, HEIGHT = 320, 180
PLAIN, BAR, BOX, LINE = (246, 246, 248), (74, 73, 201), (255, 255, 255), (198, 47, 39)


def screenshot(rng: Random, name: str) -> "ContentFile[bytes]":
    """A window with an error in it, as far as 320 x 180 pixels show one."""
    left, top = rng.randrange(40, 90), rng.randrange(40, 70)
    inner = WIDTH - 2 * left - 1
    bar, plain = _line((BAR, WIDTH)), _line((PLAIN, WIDTH))
    box = _line((PLAIN, left + 1), (BOX, inner), (PLAIN, left))
    line = _line((PLAIN, left + 1), (LINE, inner - 60), (BOX, 60), (PLAIN, left))
    rows = bar * 12 + plain * (top - 11) + box * 14 + line * 5 + box * (HEIGHT - top - 60) + plain * 40
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    return _file(png, name, "image/png")


def _line(*spans: tuple[tuple[int, int, int], int]) -> bytes:
    """One line of pixels as PNG stores it, unfiltered."""
    return b"\0" + b"".join(bytes(colour) * width for colour, width in spans)


def log_excerpt(host: str, message: str, at: datetime, lines: int = 12) -> str:
    return "\n".join(
        f"{at + timedelta(seconds=7 * line):%Y-%m-%dT%H:%M:%SZ} {host} kernel: {message} (count {line * 3 + 1})"
        for line in range(lines)
    )


def log_file(host: str, message: str, at: datetime) -> "ContentFile[bytes]":
    return _file(log_excerpt(host, message, at, lines=60).encode(), f"{host}.log", "text/plain")


def _file(content: bytes, name: str, content_type: str) -> "ContentFile[bytes]":
    file = ContentFile(content, name=name)
    file.content_type = content_type  # type: ignore[attr-defined]  # as an upload has it
    return file
