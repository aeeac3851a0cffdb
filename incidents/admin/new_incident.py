"""An agent opens an incident for somebody on the telephone: who, one line, then the rest."""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents import limits, workflow
from incidents.admin.access import actor_of, agent_or_403, user_of
from incidents.admin.fields import ByNumber, Row, Text, find_person
from incidents.admin.side_panels import earlier_of, local_time
from incidents.admin.transitions import address
from incidents.enums import Channel, Impact, Urgency
from incidents.errors import Invalid, Refused
from incidents.models import Incident
from incidents.search import search_incidents
from incidents.unsent.forms import Files, WithFiles
from incidents.unsent.holding import first_values, given_back
from itsm import timekeeping
from itsm.ui.moments import Moment

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

ALIKE = 6
SHORTEST_WORD = 3
MOST_WORDS = 4
NEAR = 50
LONGEST_KEY = 18
#: What a link may fill in: keys, never what somebody typed.
LINKED = ("requester", "service", "follows_up")


class CallForm(WithFiles):
    #: As they stand on the page, so that the first wrong one is the first that is seen.
    field_order = ("requester", "login", "title", "description", "service", "category", "impact", "urgency")

    requester = Row("requester", label=gettext_lazy("Who is affected?"), help_text="")
    #: For browsers without script, where the field above offers nobody.
    login = forms.CharField(label=gettext_lazy("Log-in or e-mail address"), required=False, max_length=254)
    title = forms.CharField(
        label=gettext_lazy("What is wrong, in one line?"),
        max_length=limits.LINE,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    description = Text(label=gettext_lazy("Details"), required=False, rows=5)
    service = Row("service")
    category = Row("category")
    configuration_item = Row("configuration_item")
    location = Row("location")
    impact = forms.TypedChoiceField(
        label=gettext_lazy("Impact"), choices=Impact.choices, coerce=int, initial=Impact.MEDIUM.value
    )
    urgency = forms.TypedChoiceField(
        label=gettext_lazy("Urgency"), choices=Urgency.choices, coerce=int, initial=Urgency.MEDIUM.value
    )
    channel = forms.ChoiceField(
        label=gettext_lazy("Came by"), choices=Channel.choices, initial=Channel.PHONE.value
    )
    started_at = Moment(label=gettext_lazy("The fault began"))
    is_confidential = forms.BooleanField(
        label=gettext_lazy("Confidential"),
        required=False,
        help_text=gettext_lazy("Only the assigned team and those involved see it."),
    )
    follows_up = ByNumber(label=gettext_lazy("Comes back to"), required=False)
    attachments = Files(label=gettext_lazy("Files"))

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.fields["follows_up"].user = user  # type: ignore[attr-defined]

    def clean(self) -> dict[str, object]:
        data = super().clean() or self.cleaned_data
        if not data.get("requester") and data.get("login"):
            data["requester"] = find_person(data["login"])
            if data["requester"] is None:
                self.add_error("login", _("Nobody has this log-in or address. Ask how it is spelled."))
        elif not data.get("requester"):
            self.add_error("requester", _("Say who is affected; they hear how it goes on."))
        return data

    def report(self) -> workflow.Report:
        data = self.cleaned_data
        names = ("title", "description", "requester", "service", "category", "configuration_item", "location",
                 "impact", "urgency", "started_at", "is_confidential", "follows_up")  # fmt: skip
        return workflow.Report(channel=Channel(data["channel"]), **{name: data[name] for name in names})


@dataclass(slots=True)
class Caller:
    """What the desk knows of who is calling, beside the form."""

    user: User
    profile: object
    local_time: object
    earlier: list[Incident]


def page(model_admin: "ModelAdmin[Any]", request: HttpRequest) -> HttpResponse:
    """GET begins, from a link or from what was held; POST opens, or only looks who calls, what is known."""
    agent_or_403(request)
    user = user_of(request)
    if request.method == "POST" and "look" in request.POST:
        form = looking(request, user)
    elif request.method == "POST":
        form = CallForm(request.POST, request.FILES, user=user)
        if form.is_valid() and (incident := opened(request, form)):
            form.sent()
            messages.success(request, _("%(number)s is open.") % {"number": incident.number})
            return HttpResponseRedirect(address(incident))
        form.come_back(at=timekeeping.now())
    else:
        asked = {name: value for name, value in request.GET.items() if name in LINKED}
        form = CallForm(initial=asked | given_back(request, CallForm), user=user)
    return drawn(model_admin, request, form, user)


def looking(request: HttpRequest, user: User) -> CallForm:
    """The form as it was typed so far, its files kept, nothing called wrong yet."""
    typed = CallForm(request.POST, request.FILES, user=user)
    typed.is_valid()  # sorts the files
    typed.come_back(at=timekeeping.now())
    known = first_values(dict(request.POST.lists()), CallForm)
    if not known.get("requester") and (person := find_person(str(known.get("login", "")))):
        known["requester"] = str(person.pk)
    return CallForm(initial=known | {"kept": [row.key for row in typed.staged]}, user=user)


def opened(request: HttpRequest, form: CallForm) -> Incident | None:
    try:
        return workflow.open_incident(
            form.report(),
            actor=actor_of(request),
            at=timekeeping.now(),
            attachments=form.cleaned_data["attachments"],
        )
    except Refused as refusal:
        form.status = refusal.page_status
        named = refusal.fields if isinstance(refusal, Invalid) else {"": refusal.message}
        for name, message in named.items():
            form.add_error(name if name in form.fields else None, message)
        return None


def drawn(model_admin: "ModelAdmin[Any]", request: HttpRequest, form: CallForm, user: User) -> HttpResponse:
    request.current_app = model_admin.admin_site.name
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("New incident"),
        "subtitle": None,
        "opts": model_admin.opts,
        "form": form,
        "media": form.media,
        "caller": caller_of(form, user),
        "alike": alike(form, user),
        "now": timekeeping.now(),
    }
    return TemplateResponse(request, "admin/incidents/incident/new.html", context, status=form.status)


def caller_of(form: CallForm, user: User) -> Caller | None:
    pk, login = str(form["requester"].value() or ""), str(form["login"].value() or "")
    person = None
    if pk.isascii() and pk.isdigit() and len(pk) <= LONGEST_KEY:
        person = User.objects.select_related("profile__location").filter(pk=pk, is_active=True).first()
    elif login:
        person = find_person(login)
    if person is None:
        return None
    profile = getattr(person, "profile", None)
    return Caller(person, profile, local_time(profile, timekeeping.now()), earlier_of(person, user))


def alike(form: CallForm, user: User) -> list[Incident]:
    """Open incidents that share most words with the line, or the service: perhaps it is known."""
    service, title = str(form["service"].value() or ""), str(form["title"].value() or "")
    words = sorted({word for word in title.split() if len(word) >= SHORTEST_WORD}, key=len)[-MOST_WORDS:]
    rows = Incident.objects.visible_to(user).open().newest_first()
    shared: Counter[int] = Counter()
    if service.isascii() and service.isdigit() and len(service) <= LONGEST_KEY:
        shared.update(rows.filter(service=int(service)).values_list("pk", flat=True)[:NEAR])
    for word in words:
        shared.update(search_incidents(rows, word).values_list("pk", flat=True)[:NEAR])
    best = [pk for pk, _count in shared.most_common(ALIKE)]
    found = rows.for_list().in_bulk(best)
    return [found[pk] for pk in best if pk in found]
