"""The sections of a setup file, each after those it names."""

from collections.abc import Iterator
from datetime import date

from django.contrib.auth.models import Group, User
from django.db.models import Model

from incidents.admin.monitoring import give_key
from incidents.enums import Criticality, Via
from incidents.lines import one_line
from incidents.models import Category, Desk, Location, Profile, Service, Source, Team
from incidents.parsers.registry import SourceKind
from incidents.policies import Actor
from incidents.workflow import set_members
from itsm.setting_up.file import Outcome, Row
from itsm.setting_up.rows import given, put, put_many, tell
from itsm.setting_up.sla import calendars, targets

CRITICALITY = {level.name.lower(): level for level in Criticality}


def set_up(content: dict[str, object], *, today: date) -> Outcome:
    """Inside a transaction, which the caller takes back when there are mistakes."""
    outcome = Outcome()
    for name in content.keys() - {*SECTIONS, "desk"}:
        outcome.wrong(name, f"is not known here. Known: {', '.join(sorted({*SECTIONS, 'desk'}))}.")
    members = list(teams(content, outcome))
    locations(content, outcome)
    people(content, outcome)
    for row, team, is_new in members:
        staff(row, team, is_new=is_new)
    categories(content, outcome)
    services(content, outcome)
    calendars(rows(content, "calendars", outcome), today)
    targets(rows(content, "targets", outcome), today)
    desk(content, outcome)
    sources(content, outcome)
    return outcome


def rows(content: dict[str, object], section: str, outcome: Outcome) -> Iterator[Row]:
    tables = content.get(section, [])
    if not isinstance(tables, list):
        outcome.wrong(section, f"write [[{section}]] once for each of them.")
        return
    for number, values in enumerate(tables, start=1):
        row = Row(f"{section}[{number}]", values, outcome)
        if row.is_good:
            yield row


def kept(row: Row, model: type[Model], name: str, made: Model | None) -> None:
    """Whoever names a row that was not made is not blamed for it."""
    if made is None:
        row.outcome.lost.add((model, name))


def teams(content: dict[str, object], outcome: Outcome) -> Iterator[tuple[Row, Team, bool]]:
    for row in rows(content, "teams", outcome):
        name = row.needed("name", str)
        values = given(row, email=str, is_active=bool)
        row.names("members")
        found = Team.objects.filter(name=name).first()
        team = put(row, found, Team(name=name), values)
        kept(row, Team, name, team)
        if team is not None:
            yield row, team, found is None


def staff(row: Row, team: Team, *, is_new: bool) -> None:
    people: list[User] = row.many("members", User, "username")
    if "members" in row and set_members(team, people, actor=Actor(None, Via.SYSTEM)) and not is_new:
        tell(row.outcome, team, ["members"])


def locations(content: dict[str, object], outcome: Outcome) -> None:
    for row in rows(content, "locations", outcome):
        name = row.needed("name", str)
        values = given(row, country=str, time_zone=str)
        row.zone("time_zone")
        if "team" in row:
            values["team"] = row.one("team", Team)
        found = Location.objects.filter(name=name).first()
        kept(row, Location, name, put(row, found, Location(name=name), values))


def people(content: dict[str, object], outcome: Outcome) -> None:
    """Without a password: whoever is new sets one by hand, or signs in by other means."""
    for row in rows(content, "people", outcome):
        login = row.needed("login", str)
        if "password" in row:
            row.get("password", object)
            row.wrong("password", "does not belong into a file. Set it by manage.py changepassword.")
        values = given(row, email=str, is_active=bool)
        names = given(row, first_name=str, last_name=str)
        values |= {part: one_line(name) for part, name in names.items()}
        roles = row.many("roles", Group)
        at_work = given(row, department=str, phone=str)
        if "location" in row:
            at_work["location"] = row.one("location", Location)
        found = User.objects.filter(username=login).first()
        if "roles" in row and not (found and found.is_superuser):
            values["is_staff"] = bool(roles)
        fresh = User(username=login)
        fresh.set_unusable_password()
        user = put(row, found, fresh, values)
        kept(row, User, login, user)
        if user is None:
            continue
        if found is None:
            outcome.strangers.append(login)
        put_many(row, "roles", user.groups, roles, subject=user, told=found is None)
        if at_work:
            profile = Profile.objects.filter(user=user).first()
            put_beside(row, profile, Profile(user=user), at_work, user, told=found is None)


def put_beside(
    row: Row, found: Profile | None, fresh: Profile, values: dict[str, object], user: User, *, told: bool
) -> None:
    """What is known of a person beyond the account belongs to their own row."""
    profile = found or fresh
    changed = [name for name, value in values.items() if getattr(profile, name) != value]
    for name in changed:
        setattr(profile, name, values[name])
    if changed and row.try_to(profile.full_clean):
        profile.save()
        if not told:
            row.outcome.done.append(f"person {user.username}: {', '.join(changed)}")


def categories(content: dict[str, object], outcome: Outcome) -> None:
    """Parents before their children, as they stand in the file."""
    for row in rows(content, "categories", outcome):
        name = row.needed("name", str)
        parent = row.one("parent", Category, parent=None)
        values = given(row, is_active=bool)
        if "team" in row:
            values["team"] = row.one("team", Team)
        found = Category.objects.filter(name=name, parent=parent).first()
        kept(row, Category, name, put(row, found, Category(name=name, parent=parent), values))


def services(content: dict[str, object], outcome: Outcome) -> None:
    for row in rows(content, "services", outcome):
        name = row.needed("name", str)
        values = given(row, description=str, is_public=bool, is_active=bool)
        if "criticality" in row:
            values["criticality"] = CRITICALITY[row.choice("criticality", CRITICALITY, "normal")]
        if "team" in row:
            values["team"] = row.one("team", Team)
        if "owner" in row:
            values["owner"] = row.one("owner", User, "username")
        stands_on = row.many("depends_on", Service)
        found = Service.objects.filter(name=name).first()
        service = put(row, found, Service(name=name), values)
        kept(row, Service, name, service)
        if service is not None:
            put_many(row, "depends_on", service.depends_on, stands_on, subject=service, told=found is None)


def desk(content: dict[str, object], outcome: Outcome) -> None:
    if "desk" not in content:
        return
    row = Row("desk", content["desk"], outcome)
    if not row.is_good:
        return
    plain = {
        field.name: bool if field.get_internal_type() == "BooleanField" else int
        for field in Desk._meta.concrete_fields
        if not field.is_relation and not field.primary_key
    }
    values = given(row, **plain)
    if "default_team" in row:
        values["default_team"] = team = row.one("default_team", Team)
        if team is not None and not team.is_active:
            row.wrong("default_team", f"{team} is switched off, so it would hear of nothing.")
    put(row, Desk.objects.filter(pk=1).first(), Desk(pk=1), values)


def sources(content: dict[str, object], outcome: Outcome) -> None:
    """The key of a new one is told once: only its hash is kept."""
    for row in rows(content, "sources", outcome):
        name = row.needed("name", str)
        values: dict[str, object] = given(row, is_active=bool)
        if "kind" in row:
            values["kind"] = row.choice("kind", SourceKind.values, SourceKind.GENERIC)
        for key, model in (("team", Team), ("service", Service)):
            if key in row:
                values[key] = row.one(key, model)
        found = Source.objects.filter(name=name).first()
        fresh = Source(name=name)
        secret = give_key(fresh)
        if put(row, found, fresh, values) is not None and found is None:
            outcome.keys.append((name, secret))


SECTIONS: tuple[str, ...] = (
    "teams",
    "locations",
    "people",
    "categories",
    "services",
    "calendars",
    "targets",
    "sources",
)
