"""What a person is called, wherever we name them."""

from typing import TypeAlias

from django.contrib.auth.models import AnonymousUser, User

Person: TypeAlias = User | AnonymousUser | str | None


def person_name(who: Person, nobody: str = "") -> str:
    """The full name, else the login name; `nobody` for nobody: `{{ entry.actor|person:_("System") }}`."""
    if isinstance(who, User):
        return who.get_full_name() or who.get_username()
    return str(who) if isinstance(who, str) and who else nobody


def first_name(who: Person) -> str:
    if isinstance(who, User) and who.first_name:
        return who.first_name
    return person_name(who)


def initials(name: str) -> str:
    words = name.replace("_", " ").replace(".", " ").split()
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()
