"""The desk set up from a file: the README's own, again, and with mistakes."""

import re
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone

from incidents.models import (
    Calendar,
    Category,
    Desk,
    Location,
    Profile,
    Service,
    Source,
    Target,
    Team,
    hash_of_key,
)
from itsm.demo.sla import LONG_AGO
from tests.factories import make_incident

README = Path(__file__).parents[2] / "README.md"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "desk.toml"


@pytest.fixture
def example(file: Path) -> Path:
    found = re.search(r"<!-- setup: desk.toml -->\n```toml\n(.*?)```", README.read_text(), re.DOTALL)
    assert found is not None
    file.write_text(found[1])
    return file


def set_up(path: Path, *options: str) -> str:
    out = StringIO()
    call_command("setup", str(path), *options, stdout=out)
    return out.getvalue()


def mistakes(path: Path, text: str) -> list[str]:
    path.write_text(text)
    with pytest.raises(CommandError) as refused:
        set_up(path)
    lines = str(refused.value).splitlines()
    assert lines[-1] == "Nothing was changed."
    return [line.removeprefix(f"{path}: ") for line in lines[:-1]]


def test_example_of_the_readme_sets_a_desk_up(example: Path, db: None) -> None:
    said = set_up(example)

    desk, lena = Desk.current(), User.objects.get(username="lena")
    assert desk.default_team is not None
    assert list(Team.objects.staffed()) == [desk.default_team]
    assert (lena.is_staff, lena.has_usable_password()) == (True, False)
    assert [group.name for group in lena.groups.all()] == ["Agent"]
    assert Service.objects.get(name="E-mail").team == desk.default_team
    hours = Calendar.objects.get(name="Office hours").hours.get()
    assert (hours.week["fri"], hours.holiday_country) == ([["09:00", "17:00"]], "PT")
    assert Target.objects.get(minutes=120, calendar__name="Office hours").priority == 3
    assert "Without a password yet: lena." in said
    assert "Nobody administers the desk yet: manage.py createsuperuser" in said


def test_key_of_a_new_source_is_shown_and_works(example: Path, db: None) -> None:
    found = re.search(r"Address for Prometheus, shown this once: \S+/api/v1/intake/(\S+)/", set_up(example))

    assert found is not None
    assert Source.objects.get(name="Prometheus").key_hash == hash_of_key(found[1])


def test_second_time_changes_nothing_and_says_so(example: Path, db: None) -> None:
    set_up(example)
    before = (Source.objects.get().key_hash, Team.history.count(), Desk.history.count())

    said = set_up(example)

    assert said == "Nothing to change: the desk is as the file says.\n"
    assert (Source.objects.get().key_hash, Team.history.count(), Desk.history.count()) == before


def test_check_says_what_would_change_and_changes_nothing(example: Path, db: None) -> None:
    said = set_up(example, "--check")

    assert "new team: Service desk" in said
    assert "Only checked; nothing was changed." in said
    assert "/api/v1/intake/" not in said
    assert not Team.objects.exists()


def test_one_mistake_keeps_the_rest_out_as_well(example: Path, db: None) -> None:
    text = example.read_text().replace('members = ["lena"]', 'members = ["lena", "tom"]')

    assert mistakes(example, text) == ["teams[1].members: there is no user “tom”."]
    assert not Team.objects.exists()
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('[[teams]]\nnmae = "A"', ["teams[1].name: is missing.", "teams[1].nmae: is not known here."]),
        ('[[teams]]\nname = ""', ["teams[1].name: is empty."]),
        ("[[teams]]\nname = 7", ["teams[1].name: write a text."]),
        ('[[teams]]\nname = "A"\nemail = "nobody"', ["teams[1].email: Enter a valid email address."]),
        ('[[team]]\nname = "A"', ["team: is not known here."]),
        ('[teams]\nname = "A"', ["teams: write [[teams]] once for each of them."]),
        ('teams = ["A"]', ["teams[1]: write a table here"]),
        ('[[people]]\nlogin = "a"\npassword = "x"', ["people[1].password: does not belong into a file."]),
        ('[[people]]\nlogin = "a"\nroles = ["Boss"]', ["people[1].roles: there is no group “Boss”."]),
        ('[[people]]\nlogin = "a b"', ["people[1].username: Enter a valid username."]),
        ('[[services]]\nname = "A"\nteam = "T"', ["services[1].team: there is no team “T”."]),
        (
            '[[services]]\nname = "A"\ncriticality = "top"',
            ["services[1].criticality: “top” is none of: business"],
        ),
        (
            '[[locations]]\nname = "A"\ntime_zone = "Nowhere"',
            ["locations[1].time_zone: there is no time zone “Nowhere”."],
        ),
        (
            '[[calendars]]\nname = "A"\nhours = { mon = "9-5" }',
            ["calendars[1].hours: mon: write a list of spans"],
        ),
        (
            '[[calendars]]\nname = "A"\nhours = { mon = ["9-5"] }',
            ["calendars[1].week: mon: spans must be pairs in order"],
        ),
        (
            '[[calendars]]\nname = "A"\nclosed_days = ["x"]',
            ["calendars[1].closed_days: write a list of days"],
        ),
        (
            '[[targets]]\nmetric = "guess"\nminutes = 1\ncalendar = "Around the clock"',
            ["targets[1].metric: “guess” is none of: acknowledge, resolve."],
        ),
        ('[[targets]]\nmetric = "resolve"\nminutes = 0\ncalendar = "Around the clock"', ["targets[1]"]),
        (
            '[[targets]]\nmetric = "resolve"\nminutes = true\ncalendar = "Around the clock"',
            ["targets[1].minutes: write a whole number."],
        ),
        ('[[targets]]\nmetric = "resolve"\nminutes = 5', ["targets[1].calendar: is missing."]),
        ("[desk]\nclose_after_days = 0", ["desk.close_after_days: Ensure this value is greater"]),
        ('[desk]\ndefault_team = "T"', ["desk.default_team: there is no team “T”."]),
        (
            '[[teams]]\nname = "T"\nis_active = false\n[desk]\ndefault_team = "T"',
            ["desk.default_team: T is switched off"],
        ),
        ('[[sources]]\nname = "A"\nkind = "smoke"', ["sources[1].kind: “smoke” is none of: generic"]),
        ('[[teams]]\nname = "A\\u0000"', ["teams[1].name: holds a character that cannot be stored (NUL)."]),
    ],
)
def test_mistake_is_named_by_its_place(file: Path, db: None, text: str, found: list[str]) -> None:
    lines = mistakes(file, text)

    assert len(lines) == len(found)
    assert [line[: len(words)] for line, words in zip(sorted(lines), sorted(found), strict=True)] == sorted(
        found
    )


def test_row_that_names_a_wrong_one_is_not_blamed_for_it(file: Path, db: None) -> None:
    text = '[[teams]]\nname = "A"\nemail = "nobody"\n[[services]]\nname = "S"\nteam = "A"'

    assert mistakes(file, text) == ["teams[1].email: Enter a valid email address."]


@pytest.mark.parametrize(
    ("content", "words"), [(b"[[teams", "desk.toml: "), (b"\xff", "desk.toml: not written in UTF-8.")]
)
def test_file_that_cannot_be_read_is_one_line(file: Path, db: None, content: bytes, words: str) -> None:
    file.write_bytes(content)

    with pytest.raises(CommandError, match=re.escape(words)):
        set_up(file)


def test_file_that_is_not_there_is_one_line(file: Path, db: None) -> None:
    with pytest.raises(CommandError, match="No such file or directory"):
        set_up(file)


def test_places_sorts_and_people_are_set_up(file: Path, db: None) -> None:
    file.write_text(
        """
        [[teams]]
        name = "Desk"
        [[locations]]
        name = "Lisbon"
        country = "PT"
        time_zone = "Europe/Lisbon"
        team = "Desk"
        [[people]]
        login = "rui"
        department = "Sales"
        location = "Lisbon"
        [[categories]]
        name = "Network"
        team = "Desk"
        [[categories]]
        name = "VPN"
        parent = "Network"
        [[services]]
        name = "Sign-in"
        [[services]]
        name = "VPN"
        depends_on = ["Sign-in"]
        """
    )

    set_up(file)

    rui = Profile.objects.get(user__username="rui")
    assert (rui.department, rui.location, rui.user.is_staff) == ("Sales", Location.objects.get(), False)
    assert Location.objects.get().team == Team.objects.get() == Category.objects.get(name="Network").team
    assert Category.objects.get(name="VPN").parent == Category.objects.get(name="Network")
    assert [service.name for service in Service.objects.get(name="VPN").depends_on.all()] == ["Sign-in"]
    assert set_up(file).startswith("Nothing to change")


def test_what_is_left_out_stays_and_what_is_named_changes(file: Path, network: Team, alice: User) -> None:
    file.write_text('[[teams]]\nname = "Network"\nemail = "net@example.org"\n')

    said = set_up(file)

    network.refresh_from_db()
    assert said.splitlines()[0] == "team Network: email"
    assert (network.email, list(network.members.all())) == ("net@example.org", [alice])


def test_superuser_keeps_the_log_in_to_the_desk(file: Path, db: None) -> None:
    chief = User.objects.create_superuser("chief", "chief@example.org", "pw")
    file.write_text('[[people]]\nlogin = "chief"\nroles = []\n')

    set_up(file)

    chief.refresh_from_db()
    assert (chief.is_staff, chief.is_superuser, chief.check_password("pw")) == (True, True, True)


def test_changed_hours_and_targets_begin_today_and_leave_the_past(example: Path, db: None) -> None:
    set_up(example)
    calendar = Calendar.objects.get(name="Office hours")
    calendar.hours.update(valid_from=LONG_AGO)
    Target.objects.filter(calendar=calendar).update(valid_from=LONG_AGO)
    make_incident()
    changed = example.read_text().replace("09:00-17:00", "09:00-16:00").replace("= 120", "= 60")
    example.write_text(changed)

    set_up(example)

    today = timezone.localdate()
    assert list(calendar.hours.order_by("valid_from").values_list("valid_from", flat=True)) == [
        LONG_AGO,
        today,
    ]
    rows = (
        Target.objects.filter(calendar=calendar).order_by("valid_from").values_list("valid_from", "minutes")
    )
    assert list(rows) == [(LONG_AGO, 120), (today, 60)]
    assert set_up(example).startswith("Nothing to change")


def test_what_incidents_were_measured_by_is_not_rewritten(file: Path, db: None) -> None:
    make_incident()
    text = """
        [[calendars]]
        name = "Around the clock"
        valid_from = 2000-01-01
        hours = { mon = ["09:00-17:00"] }
        [[targets]]
        metric = "resolve"
        priority = 1
        minutes = 1
        calendar = "Around the clock"
        valid_from = 2000-01-01
        """

    assert [line.split(":")[0] for line in mistakes(file, text)] == [
        "calendars[1].valid_from",
        "targets[1].valid_from",
    ]
