import csv
from datetime import timedelta
from io import StringIO

import pytest

from incidents.models import Category
from reports.content.compose import compose
from reports.documents.sheet import HEADER, csv_text
from reports.metrics.scope import Scope
from tests.reports.rows import MONDAY, WEEK, after, row, save
from tests.reports.test_content import LATER, WEEK_10


def lines(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text)))


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_cell_that_looks_like_a_formula_stays_text(name: str) -> None:
    save([row(category=Category.objects.create(name=name))])

    sheet = lines(csv_text(compose(WEEK_10, Scope(), at=LATER)))

    assert [line["name"] for line in sheet if line["section"] == "categories"] == [f"'{name}"]


@pytest.mark.django_db
def test_sheet_has_a_line_a_number_with_its_definition() -> None:
    save([row(resolved_at=after(90)), row(resolved_at=after(30)), row()])

    text = csv_text(compose(WEEK_10, Scope(), at=LATER))

    assert text.splitlines()[0] == ",".join(HEADER)
    waited = next(line for line in lines(text) if line["name"] == "waited_to_resolve")
    assert (waited["period"], waited["value"], waited["unit"], waited["cases"]) == (
        "2026-W10",
        "90",
        "minutes",
        "3",
    )
    assert waited["definition"].startswith("From opened to the last resolution")
    assert waited["population"].startswith("Incidents opened in the period")
    slots = [line for line in lines(text) if line["section"] == "slots" and line["name"] == "opened"]
    assert [line["value"] for line in slots] == [*["0"] * 12, "3"]


@pytest.mark.django_db
def test_unknown_number_is_an_empty_cell() -> None:
    sheet = lines(csv_text(compose(WEEK_10, Scope(), at=LATER)))

    assert next(line for line in sheet if line["name"] == "resolve_target_met")["value"] == ""


@pytest.mark.django_db
def test_sheet_says_what_is_usual_by_how_much_it_differs_and_what_that_comes_to() -> None:
    save(row(opened_at=MONDAY - WEEK * 12 + timedelta(hours=12 * n)) for n in range(168))
    save(row(opened_at=MONDAY + timedelta(hours=n), resolved_at=after(90)) for n in range(56))

    sheet = lines(csv_text(compose(WEEK_10, Scope(), at=LATER)))

    opened, ended = (
        next(line for line in sheet if line["name"] == name) for name in ("opened", "waited_to_resolve_ended")
    )
    assert opened["verdict"] == "worse"
    assert (float(opened["usual"]), float(opened["amount"])) == pytest.approx((14, 3))
    assert 14 < float(opened["usual_high"]) < 56
    assert ended["value"] == "56"
    said = {line["name"]: line["value"] for line in sheet if line["section"] == "report"}
    assert said["headline"].startswith("Worse: Incidents opened +300\u00a0%, 56 instead of 14")
    assert said["compared_with"] == "the usual of 8 Dec 2025 to 1 Mar 2026"
    assert "1 of 220" in said["rate"]
