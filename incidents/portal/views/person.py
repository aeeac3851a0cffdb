"""Who is asking."""

from typing import cast

from django.contrib.auth.models import User
from django.http import HttpRequest

from incidents.enums import Via
from incidents.policies import Actor


def person(request: HttpRequest) -> User:
    """Behind `login_required` it is somebody."""
    return cast("User", request.user)


def actor(request: HttpRequest) -> Actor:
    return Actor(person(request), Via.PORTAL)
