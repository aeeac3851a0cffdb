"""No expression over foreign text takes time with the square of it: each of them is found and pumped.

Sizes are compared by the ratio of their times, so a slow machine changes nothing. What is compared is
the time of `finditer`, which tries every place: whoever cuts before matching is safe twice.
"""

import ast
import re
from collections.abc import Iterator
from itertools import product
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from time import thread_time
from typing import Any

import pytest

from tests.architecture.sources import PACKAGES, place, python_files, tree

FUNCTIONS = {"compile", "search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn"}
VALIDATORS = {"RegexValidator", "RegexField"}
#: Large enough to tell a line from a curve, small enough that the square of it takes no second.
SIZES = (8, 12, 16, 20, 24, 500, 2000)
#: From the second largest size to the largest a line grows fourfold, a square sixteenfold.
STEEPEST = 10
#: Put together while the program runs, out of escaped words: what such a one looks like.
BUILT = {"incidents/wiping.py": "secret@\u2060?home\\.\u2060?org\\s+words"}
LONG = 0.05  # seconds that no 24 characters take
MEASURABLE = 0.0003


def expressions() -> Iterator[tuple[str, str | bytes, int]]:
    """Where each stands, the expression and its flags."""
    for path in python_files(*PACKAGES):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and is_expression(node.func) and (node.args or node.keywords):
                where = place(path, node.lineno)
                words, flags = literal(node, BUILT.get(where.rpartition(":")[0]))
                yield where, words, flags


def is_expression(func: ast.expr) -> bool:
    if isinstance(func, ast.Attribute):
        return isinstance(func.value, ast.Name) and func.value.id == "re" and func.attr in FUNCTIONS
    return isinstance(func, ast.Name) and func.id in VALIDATORS


def literal(call: ast.Call, built: str | None) -> tuple[str | bytes, int]:
    """An expression that is put together while the program runs cannot be looked at: write it out."""
    words = call.args[0] if call.args else next(word.value for word in call.keywords if word.arg == "regex")
    found = built or ast.literal_eval(words)
    named = [node.attr for node in ast.walk(call) if isinstance(node, ast.Attribute) and node.attr.isupper()]
    flags = 0
    for name in named:
        flags |= getattr(re, name, 0)
    return found, int(flags)


def letters(parsed: Any) -> set[str]:  # noqa: C901 -- one line a kind of part
    """One character for each thing the expression looks for."""
    found: set[str] = set()
    for code, argument in parsed:
        if code in {codes.LITERAL, codes.NOT_LITERAL}:
            found.add(chr(argument))
        elif code is codes.IN:
            found |= letters([part for part in argument if part[0] is not codes.NEGATE])
        elif code is codes.RANGE:
            found.add(chr(argument[0]))
        elif code is codes.CATEGORY:
            found.add({codes.CATEGORY_DIGIT: "7", codes.CATEGORY_SPACE: " "}.get(argument, "w"))
        elif code is codes.ANY:
            found.add("w")
        elif code in {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT}:
            found |= letters(argument[2])
        elif code is codes.SUBPATTERN:
            found |= letters(argument[3])
        elif code is codes.BRANCH:
            for branch in argument[1]:
                found |= letters(branch)
        elif code in {codes.ASSERT, codes.ASSERT_NOT}:
            found |= letters(argument[1])
    return found


def opening(parsed: Any) -> str:
    """The characters that it begins with for certain."""
    return "".join(chr(argument) for code, argument in parsed if code is codes.LITERAL)


def steepest(words: str | bytes, flags: int) -> float:
    """How much longer the largest size takes than the one before, at worst."""
    compiled = re.compile(words, flags)
    parsed = parser.parse(words, flags)
    pumps = sorted(letters(parsed))[:8] or ["w"]
    worst = 0.0
    for pump in [*pumps, *map("".join, product(pumps[:4], repeat=2))]:
        for head in sorted({"", opening(parsed)}):
            worst = max(worst, growth(compiled, head, pump))
            if worst > STEEPEST:
                return worst
    return worst


def growth(compiled: Any, head: str, pump: str) -> float:
    before = took = 0.0
    for size in SIZES:
        text: Any = head + pump * (size // len(pump)) + "\x01"
        if isinstance(compiled.pattern, bytes):
            text = text.encode("latin-1")
        before, took = took, min(seconds(compiled, text) for _ in range(3 if size == SIZES[-1] else 1))
        if size <= 24 and took > LONG:
            return float("inf")
    return took / before if took > MEASURABLE and before else 0.0


def seconds(compiled: Any, text: Any) -> float:
    begun = thread_time()
    for _ in compiled.finditer(text):
        pass
    return thread_time() - begun


FOUND = list(expressions())


def test_there_are_expressions() -> None:
    assert len(FOUND) > 20


@pytest.mark.parametrize(("where", "words", "flags"), FOUND, ids=[where for where, _words, _flags in FOUND])
def test_expression_takes_time_with_the_length_of_its_text(
    where: str, words: str | bytes, flags: int
) -> None:
    assert steepest(words, flags) < STEEPEST, f"{where}: {words!r}"


@pytest.mark.parametrize(
    "planted",
    [r"\s+$", r"\w+@\w", r"(?:\[[^\]]*\] *)+x", r"^(a+)+$", r"(x|x)*y"],
)
def test_planted_square_is_found(planted: str) -> None:
    assert steepest(planted, 0) > STEEPEST
