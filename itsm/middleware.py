"""Each page speaks the reader's language and shows the reader's time."""

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation

from incidents.kept import read_once
from incidents.models import Profile


class RulesReadOnce:
    """Rules and rights are as they were when the request first asked for them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with read_once():
            return self.get_response(request)


class KeptNowhere:
    """What is drawn for somebody is kept by no cache and no browser, unless its view says otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class ReadersPlace:
    """From the profile: its own time zone, else the one of the location; its language if it has one.

    Only of people with a session: a token's answers are in UTC and English. Without a profile the
    settings' zone and the browser's language stand.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if SESSION_KEY in request.session and isinstance(request.user, User):
            settle(request, request.user)
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()


def settle(request: HttpRequest, user: User) -> None:
    try:
        profile = user.profile
    except Profile.DoesNotExist:
        return
    try:
        timezone.activate(ZoneInfo(profile.zone_name(settings.TIME_ZONE)))
    except (ZoneInfoNotFoundError, ValueError):
        timezone.activate(
            settings.TIME_ZONE
        )  # a zone the system has not heard of shows no error on each page
    if profile.language in dict(settings.LANGUAGES):
        translation.activate(profile.language)
        request.LANGUAGE_CODE = translation.get_language()
