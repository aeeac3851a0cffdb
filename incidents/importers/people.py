"""The people a log names, as accounts that nobody can log in to."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.utils.text import slugify

from incidents.models import Profile

#: Room for a number behind a name that is taken, within the 150 characters of a user name.
LONGEST_LOGIN = 100


class People:
    """Each name of a source is one person, known by `Profile.external_id`; created when first met.

    An account made here has no password, no e-mail, no role: an import lets nobody in and tells
    nobody anything. An administrator gives what is due to those who go on working.
    """

    def __init__(self, source_name: str) -> None:
        self.prefix = f"{source_name}:"
        profiles = Profile.objects.filter(external_id__startswith=self.prefix).select_related("user")
        self.known = {str(profile.external_id): profile.user for profile in profiles.iterator()}
        self.logins = set(User.objects.values_list("username", flat=True))

    def missing(self, names: Iterable[str]) -> set[str]:
        return {name for name in names if self.prefix + name not in self.known}

    def create(self, names: Iterable[str], *, at: datetime) -> None:
        """Make accounts for those of `names` that have none."""
        new = {self.prefix + name: self._account(name, at) for name in sorted(self.missing(names))}
        User.objects.bulk_create(new.values())
        Profile.objects.bulk_create(Profile(user=user, external_id=key) for key, user in new.items())
        self.known |= new

    def named(self, name: str | None) -> User | None:
        return None if name is None else self.known[self.prefix + name]

    def _account(self, name: str, at: datetime) -> User:
        first, _, last = name.rpartition(" ")
        return User(
            username=self._login(name),
            password=make_password(None),
            first_name=first,
            last_name=last,
            date_joined=at,
        )

    def _login(self, name: str) -> str:
        """`Resolver 17` logs in as `resolver.17`, or `resolver.17.2` where that is taken."""
        stem = slugify(name).replace("-", ".")[:LONGEST_LOGIN] or "person"
        login, count = stem, 1
        while login in self.logins:
            count += 1
            login = f"{stem}.{count}"
        self.logins.add(login)
        return login
