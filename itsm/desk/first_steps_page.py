"""The page of the first steps: what is open, one mail to try, and whether home shows it."""

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from incidents.models import Desk
from itsm import timekeeping
from itsm.desk.first_steps import RIGHT, first_steps
from itsm.desk.mail_test import last_test, send_test


def page(request: HttpRequest, frame: dict[str, object]) -> HttpResponse:
    """GET shows; POST does one of its three acts and comes back."""
    user = request.user
    if not isinstance(user, User) or not user.has_perm(RIGHT):
        raise PermissionDenied
    if request.method == "POST":
        return HttpResponseRedirect(reverse("admin:first_steps") + done(user, request.POST.get("do", "")))
    steps = first_steps(user, today=timezone.localdate(timekeeping.now()))
    test = last_test(user)
    context = {
        **frame,
        "title": _("First steps"),
        "subtitle": None,
        "steps": steps,
        "open": sum(not step.is_done for step in steps),
        "mail_waits": test is not None and test.is_waiting,
        "shown_on_home": Desk.current().shows_first_steps,
    }
    return TemplateResponse(request, "desk/first_steps.html", context)


def done(user: User, act: str) -> str:
    """The place on the page to come back to."""
    if act == "mail" and user.email:
        send_test(user, at=timekeeping.now())
        return "#mail"
    if act in {"hide", "show"}:
        desk, _made = Desk.objects.get_or_create(pk=1)
        desk.shows_first_steps = act == "show"
        desk.save(update_fields=["shows_first_steps"])
    return ""
