"""A report as CSV: one line a number, its definition beside it."""

from collections.abc import Iterator
from typing import Any

from incidents import sheets
from reports.documents.reading import Reading
from reports.metrics import waits

HEADER = (
    "section", "name", "period", "value", "unit", "period_before", "value_before", "cases",
    "verdict", "chance", "definition", "population", "usual", "usual_low", "usual_high", "amount", "drift",
)  # fmt: skip


def csv_text(content: dict[str, object]) -> str:
    width = len(HEADER)
    rows = ((*row, *[None] * (width - len(row))) for row in _rows(content))
    return sheets.written([HEADER, *rows])


def _rows(content: dict[str, Any]) -> Iterator[tuple[object, ...]]:
    yield from _measures(content)
    yield from _lists(content)
    yield from _slots(content)
    reading, now = Reading(content), content["period"]["name"]
    yield ("report", "headline", now, reading.headline)
    yield ("report", "compared_with", now, reading.days_before)
    yield ("report", "rate", now, reading.rate)


def _measures(content: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    now, before = content["period"]["name"], content["before"]["name"]
    for measure in content["measures"]:
        meaning = (measure["definition"], measure["population"])
        yield (
            "measure", measure["name"], now, measure["now"], measure["unit"], before, measure["before"],
            measure["n"], measure["verdict"], measure["p"], *meaning, *_usual(measure),
        )  # fmt: skip
        if "p90" in measure:
            yield (
                "measure", f"{measure['name']}_p90", now, measure["p90"], measure["unit"], before,
                measure["before_p90"], measure["n"], "", None, *meaning, measure.get("usual_p90"),
            )  # fmt: skip
        if "ended" in measure:
            yield (
                "measure", f"{measure['name']}_ended", now, measure["ended"], "incidents", "", None,
                measure["n"], measure["verdict"], measure["p"], *meaning, measure["ended_usual"],
                measure["ended_low"], measure["ended_high"], measure["amount"],
            )  # fmt: skip


def _lists(content: dict[str, Any]) -> Iterator[tuple[object, ...]]:
    now, before = content["period"]["name"], content["before"]["name"]
    for section in ("services", "categories"):
        for line in content[section]:
            yield (
                section, line["name"], now, line["now"], "incidents", before, line["before"], None,
                line["verdict"], line["p"], "", "", *_usual(line),
            )  # fmt: skip
    waited = waits.WAITED_TO_RESOLVE
    for line in content["priorities"]:
        for share in ("p50", "p90"):
            yield (
                "priorities", f"{line['priority']}_{share}", now, line[share], "minutes", "", None, line["n"],
                "", None, str(waited.definition), str(waited.population),
            )  # fmt: skip


def _slots(content: dict[str, Any]) -> Iterator[tuple[object, ...]]:
    for slot in content["slots"]:
        for name, unit in (
            ("opened", "incidents"), ("resolved", "incidents"), ("open", "incidents"),
            ("p50", "minutes"), ("p90", "minutes"),
        ):  # fmt: skip
            usual = _usual(slot) if name == "opened" else ()
            yield ("slots", name, slot["name"], slot[name], unit, "", None, None, "", None, "", "", *usual)


def _usual(line: dict[str, object]) -> tuple[object, ...]:
    return tuple(line.get(name) for name in ("usual", "usual_low", "usual_high", "amount", "drift"))
