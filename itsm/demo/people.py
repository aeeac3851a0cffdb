"""Who works at Nordwerk: twelve at the desk, two hundred who call it."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import TypeAlias

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import Group, User
from django.utils.crypto import get_random_string

from incidents.models import Profile, Team
from itsm.demo.catalogue import Catalogue
from itsm.demo.logins import PASSWORD
from itsm.demo.words import AGENTS, DEPARTMENTS, OFFICES, REQUESTERS

#: A letter that Unicode does not take apart, and what a log-in writes for it.
LETTERS = str.maketrans({"ø": "o", "ł": "l", "ß": "ss", "\u00a0": ""})
REQUESTER_COUNT = 200


@dataclass(frozen=True)
class People:
    agents: dict[str, User]
    requesters: list[User]
    by_office: dict[str, list[User]]
    office_of: dict[int, str]

    def __getitem__(self, login: str) -> User:
        return self.agents.get(login) or next(user for user in self.requesters if user.username == login)

    def members(self, team: Team | None) -> list[User]:
        return [self.agents[row[0]] for row in AGENTS if team is not None and team.name in row[5]]


def make_people(rng: Random, catalogue: Catalogue, at: datetime) -> People:
    """One hash for all, and a quick one: the password is printed at every start. A log-in renews it."""
    secret = PBKDF2PasswordHasher().encode(PASSWORD, get_random_string(22), iterations=1)
    agents = {row[0]: _agent(row, secret, at, catalogue) for row in AGENTS}
    rows = [*REQUESTERS, *_invented(rng)][:REQUESTER_COUNT]
    users = User.objects.bulk_create(
        [_user(login, first, last, secret, at) for login, first, last, _, _ in rows]
    )
    Profile.objects.bulk_create(
        [
            Profile(
                user=user,
                location=catalogue.offices[office],
                department=department,
                phone=f"+{30 + number % 60} {100 + number} {number * 7919 % 10_000:04d}",
            )
            for number, (user, (_, _, _, office, department)) in enumerate(zip(users, rows, strict=True))
        ]
    )
    by_office: dict[str, list[User]] = {office.name: [] for office in OFFICES}
    office_of = {}
    for user, (_, _, _, office, _) in zip(users, rows, strict=True):
        by_office[office].append(user)
        office_of[user.pk] = office
    return People(agents, users, by_office, office_of)


def _user(login: str, first: str, last: str, secret: str, at: datetime) -> User:
    address = f"{_plain(first).replace(' ', '')}.{_plain(last)}"
    return User(
        username=login,
        first_name=first,
        last_name=last,
        email=f"{address}@nordwerk.example",
        password=secret,
        date_joined=at,
    )


AgentRow: TypeAlias = tuple[str, str, str, str, str, tuple[str, ...]]


def _agent(row: AgentRow, secret: str, at: datetime, catalogue: Catalogue) -> User:
    login, first, last, office, role, teams = row
    user = _user(login, first, last, secret, at)
    user.is_staff = True
    user.is_superuser = role == "Administrator"
    user.save()
    user.groups.add(Group.objects.get(name=role))
    Profile.objects.create(user=user, location=catalogue.offices[office], department="IT services")
    for team in teams:
        catalogue.teams[team].members.add(user)
    return user


def _invented(rng: Random) -> list[tuple[str, str, str, str, str]]:
    """Names fit for their office; nobody twice."""
    taken = {row[0] for row in (*REQUESTERS, *AGENTS)}
    rows = []
    for office in OFFICES:
        for _person in range(office.people):
            first, last, login = _name(
                rng, office.first_names.split(" "), office.last_names.split(" "), taken
            )
            taken.add(login)
            rows.append((login, first, last, office.name, rng.choice(DEPARTMENTS)))
    rng.shuffle(rows)
    return rows


def _name(rng: Random, firsts: list[str], lasts: list[str], taken: set[str]) -> tuple[str, str, str]:
    while True:
        first, last = rng.choice(firsts), rng.choice(lasts)
        login = f"{_plain(first)}.{_plain(last)}"
        if login not in taken:
            return first, last, login


def _plain(name: str) -> str:
    """`Inês` to `ines`."""
    spelled = unicodedata.normalize("NFKD", name.lower().translate(LETTERS))
    return "".join(char for char in spelled if not unicodedata.combining(char))
