from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from incidents.models import Service
from reports.models import Report
from tests.reports.rows import row, save


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("make_report", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_command_makes_the_report_of_a_week() -> None:
    save([row()])

    told = run("--kind", "weekly", "--week", "2026-W10")

    report = Report.objects.get()
    assert told == f"report {report.pk}: Weekly 2026-W10 made\n"
    assert report.content["measures"][0]["now"] == 1


@pytest.mark.django_db
def test_command_prints_csv_of_a_service(vpn: Service) -> None:
    save([row(service=vpn), row()])

    sheet = run("--month", "2026-03", "--service", "VPN", "--zone", "Europe/Berlin", "--csv")

    assert "measure,opened,2026-03,1,incidents" in sheet


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--week", "2026-W60"], "There is no '2026-W60'"),
        (["--kind", "span", "--first", "2026-03-05"], "Give --first and --last"),
        (["--kind", "span", "--first", "0001-01-01", "--last", "0001-02-01"], "days from 1980 to 2199"),
        (["--kind", "span", "--first", "2026-01-01", "--last", "9999-12-31"], "days from 1980 to 2199"),
        (["--kind", "span", "--first", "2020-01-01", "--last", "2026-12-31"], "more than three years"),
        (["--month", "9999-12"], "There is no '9999-12'"),
        (["--week", "0001-W01"], "days from 1980 to 2199"),
        (["--team", "Nobody"], "There is no team called 'Nobody'"),
        (["--zone", "Mars"], "is no time zone"),
    ],
)
def test_command_refuses_what_cannot_be(arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run(*arguments)

    assert Report.objects.count() == 0
