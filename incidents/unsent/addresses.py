"""Addresses that only act, and the pages their buttons stand on."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse

Page = Callable[..., HttpResponseBase]


def only_post(*, page: str) -> Callable[[Page], Page]:
    """For addresses that only act: by a link, a bookmark or after log-in one is led to their page."""

    def decorate(view: Page) -> Page:
        @wraps(view)
        def acting(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if request.method != "POST":
                return redirect(_address(page, [*args, *kwargs.values()]))
            return view(request, *args, **kwargs)

        acting.page = page  # type: ignore[attr-defined]
        return acting

    return decorate


def page_of(request: HttpRequest) -> str:
    """Where the form of this address stands."""
    match = request.resolver_match
    page = getattr(match.func, "page", None) if match else None
    return _address(page, [*match.args, *match.kwargs.values()]) if match and page else request.path


def _address(page: str, of: list[object]) -> str:
    """The page of that row, or the one page that shows all rows."""
    try:
        return reverse(page, args=of)
    except NoReverseMatch:
        return reverse(page)
