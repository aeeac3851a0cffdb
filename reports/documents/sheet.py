"""A report as CSV: one line a number, its definition beside it."""

from collections.abc import Iterator
from typing import Any

from incidents import sheets
from reports.metrics import survival

HEADER = (
    "section", "name", "period", "value", "unit", "period_before", "value_before", "cases",
    "verdict", "chance", "definition", "population",
)  # fmt: skip


def csv_text(content: dict[str, Any]) -> str:
    return sheets.written([HEADER, *_rows(content)])


def _rows(content: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    now, before = content["period"]["name"], content["before"]["name"]
    for measure in content["measures"]:
        meaning = (measure["definition"], measure["population"])
        yield (
            "measure", measure["name"], now, measure["now"], measure["unit"], before, measure["before"],
            measure["n"], measure["verdict"], measure["p"], *meaning,
        )  # fmt: skip
        if "p90" in measure:
            yield (
                "measure", f"{measure['name']}_p90", now, measure["p90"], measure["unit"], before,
                measure["before_p90"], measure["n"], "", None, *meaning,
            )  # fmt: skip
    for section in ("services", "categories"):
        for line in content[section]:
            yield (
                section, line["name"], now, line["now"], "incidents", before, line["before"], None,
                line["verdict"], line["p"], "", "",
            )  # fmt: skip
    waited = survival.WAITED_TO_RESOLVE
    for line in content["priorities"]:
        for share in ("p50", "p90"):
            yield (
                "priorities", f"{line['priority']}_{share}", now, line[share], "minutes", "", None, line["n"],
                "", None, str(waited.definition), str(waited.population),
            )  # fmt: skip
    for slot in content["slots"]:
        for name, unit in (
            ("opened", "incidents"), ("resolved", "incidents"), ("open", "incidents"),
            ("p50", "minutes"), ("p90", "minutes"),
        ):  # fmt: skip
            yield ("slots", name, slot["name"], slot[name], unit, "", None, None, "", None, "", "")
