"""Nothing that a person wrote is lost because their session ended meanwhile."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from incidents.models import HeldForm
from incidents.unsent import holding, whose
from incidents.unsent.addresses import page_of
from itsm import timekeeping

#: The browser's own name for a draft; ui/drafts.js makes it.
DRAFT = re.compile(r"^[a-z0-9-]{8,40}$")
HEARD_FOR = 600


class Unsent:
    """Holds a form that was answered with the log-in page, and leads its person back to it afterwards."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        before = request.session.get(SESSION_KEY)
        response = self.get_response(request)
        if request.session.get(SESSION_KEY) not in {before, None}:
            holding.remind(request)
        if request.method == "POST":
            response = _after_post(request, response)
        elif request.method == "GET":
            response = _after_get(request, response)
        whose.remember(request, response)
        return response


def _after_post(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    if not 300 <= response.status_code < 400:
        return response
    place = urlsplit(response["Location"]).path
    if place in {settings.LOGIN_URL, reverse("admin:login")} and not request.user.is_authenticated:
        if holding.hold(request, at=timekeeping.now()):
            messages.info(request, _kept())
        return redirect_to_login(page_of(request), place)
    holding.sent(request)
    draft = request.POST.get("draft", "")
    if DRAFT.match(draft):
        # Only now may the browser forget its copy: see ui/drafts.js.
        response.set_cookie(
            f"desk-sent-{draft}",
            "1",
            max_age=HEARD_FOR,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return response


def _kept() -> str:
    return _(
        "You were logged out meanwhile, so nothing was sent yet. Log in: what you wrote is kept for you."
    )


def _after_get(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """A page that does not fill its form itself leads to a page that shows the words."""
    if getattr(request, "unsent", None) or not holding.waits_on(request, request.path):
        return response
    row = HeldForm.objects.filter(user=request.user.pk, page=request.path).order_by("-pk").first()
    if row is None:
        holding.remind_again(request)
        return response
    return redirect("portal:unsent", row.pk)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """Somebody logged in or out since the form was drawn. If it was ours, its words are held."""
    if request.path in {settings.LOGIN_URL, reverse("admin:login")}:
        return redirect(request.get_full_path())
    held = holding.hold(request, at=timekeeping.now())
    if held is not None and not request.user.is_authenticated:
        messages.info(request, _kept())
        return redirect_to_login(held.page, settings.LOGIN_URL)
    if held is not None and held.user_id == request.user.pk:
        holding.remind_again(request)
        return redirect(held.page)
    return render(request, "403_csrf.html", {"is_held": held is not None}, status=403)
