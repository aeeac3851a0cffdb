"""What is kept after the incident: problems, reviews and what they ask to be done."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from incidents import policies, rights, workflow
from incidents.admin.base import DeskAdmin
from incidents.admin.monitoring import incident_link
from incidents.enums import Verb, Via
from incidents.errors import Refused
from incidents.models import FollowUp, Incident, Problem, Review
from incidents.workflow import transitions
from itsm import timekeeping
from itsm.ui.cells import ago_cell, person_cell, tag_cell, two_lines
from itsm.ui.pages import BaseForm, BaseTabular, Labelled
from itsm.ui.texts import StrOrPromise

LONGEST_VERSION = 10
TEXTS = ("summary", "impact", "root_cause", "contributing_factors", "went_well", "went_badly")


def by(request: HttpRequest) -> policies.Actor:
    return policies.Actor(request.user, Via.ADMIN)  # type: ignore[arg-type]  # the admin lets no stranger in


class KnownErrorFilter(admin.SimpleListFilter):
    title = _("what is known")
    parameter_name = "known"

    def lookups(self, _request: HttpRequest, _model_admin: object) -> list[tuple[str, StrOrPromise]]:
        return [("open", _("Cause unknown")), ("error", _("Known error")), ("removed", _("Removed"))]

    def queryset(self, _request: HttpRequest, queryset: Any) -> Any:
        analysed = ~Q(root_cause="") & ~Q(workaround="")
        match self.value():
            case "open":
                return queryset.filter(removed_at=None).exclude(analysed)
            case "error":
                return queryset.filter(analysed, removed_at=None)
            case "removed":
                return queryset.exclude(removed_at=None)
        return queryset


@admin.register(Problem)
class ProblemAdmin(DeskAdmin):
    list_display = ("what", "stage", "caused", "since")
    list_filter = (KnownErrorFilter,)
    search_fields = ("title", "description", "root_cause", "workaround", "source_number")
    ordering = ("-opened_at", "-pk")
    readonly_fields = ("opened_at",)
    list_note = _(
        "A cause, or possible cause, of incidents. With root cause and workaround it is a known error."
    )
    empty_text = _("No problem is on record. Add one when several incidents seem to have one cause.")
    fieldsets = (
        (None, {"fields": ("title", "description")}),
        (_("What is known"), {"fields": ("root_cause", "workaround")}),
        (_("When"), {"fields": ("opened_at", "removed_at")}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Problem | None = None) -> Any:
        """A new one has no times yet: the database says when it was opened."""
        found = super().get_fieldsets(request, obj)
        return found if obj else found[:-1]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Problem]:
        seen = Incident.objects.visible_to(request.user).values("pk")
        rows: QuerySet[Problem] = super().get_queryset(request)
        return rows.annotate(incident_count=Count("incidents", filter=Q(incidents__in=seen)))

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """By its number, too."""
        numbered = queryset.with_number(search_term) if search_term.strip() else queryset.none()
        if numbered.exists():
            return numbered, False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description=_("Problem"), ordering="title")
    def what(self, problem: Problem) -> SafeString:
        return two_lines(first=problem.title, second=problem.number)

    @admin.display(description=_("Stage"))
    def stage(self, problem: Problem) -> SafeString:
        if problem.removed_at is not None:
            return tag_cell(text=_("Removed"), tone="green")
        if problem.root_cause and problem.workaround:
            return tag_cell(text=_("Known error"), tone="blue")
        return tag_cell(text=_("Cause unknown"), tone="amber")

    @admin.display(description=_("Incidents"), ordering="incident_count")
    def caused(self, problem: Any) -> int:
        count: int = problem.incident_count
        return count

    @admin.display(description=_("Opened"), ordering="opened_at")
    def since(self, problem: Problem) -> SafeString:
        return ago_cell(at=problem.opened_at)


class FollowUpInline(Labelled, BaseTabular):
    model = FollowUp
    extra = 0
    fields = ("text", "owner", "due_on")
    autocomplete_fields = ("owner",)


class ReviewForm(BaseForm):
    """The verbs write reviews; here their refusals become errors of the form, before anything is lost."""

    request: HttpRequest

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or self.cleaned_data
        incident = cleaned.get("incident") or (self.instance.incident if self.instance.pk else None)
        if incident is not None:
            try:
                transitions.check(incident, Verb.PUBLISH_REVIEW, by(self.request))
            except Refused as refusal:
                raise ValidationError(refusal.message) from refusal
        return cleaned


class PublishedFilter(admin.SimpleListFilter):
    title = _("published")
    parameter_name = "published"

    def lookups(self, _request: HttpRequest, _model_admin: object) -> list[tuple[str, StrOrPromise]]:
        return [("no", _("Drafts")), ("yes", _("Published"))]

    def queryset(self, _request: HttpRequest, queryset: Any) -> Any:
        if self.value() in {"yes", "no"}:
            return queryset.filter(published_at__isnull=self.value() == "no")
        return queryset


@admin.register(Review)
class ReviewAdmin(DeskAdmin):
    form = ReviewForm
    list_display = ("of", "stage", "author", "published")
    list_filter = (PublishedFilter,)
    list_select_related = ("incident", "written_by")
    search_fields = ("incident__title", "summary", "root_cause", "contributing_factors")
    ordering = ("-pk",)
    inlines = (FollowUpInline,)
    empty_text = _("No review has been written. Major incidents need one before they are closed.")
    change_form_template = "admin/incidents/review/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        publish = path(
            "<int:pk>/publish/", self.admin_site.admin_view(self.publish), name="incidents_review_publish"
        )
        return [publish, *super().get_urls()]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        head = ("incident",) if obj is None else ("number", "stage")
        return (*head, *TEXTS)

    def get_readonly_fields(self, request: HttpRequest, obj: object = None) -> Any:
        return () if obj is None else ("number", "stage")

    def get_autocomplete_fields(self, request: HttpRequest) -> Any:
        return ("incident",)

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if (review := kwargs.get("obj")) is not None:
            context["subtitle"] = str(review.incident)
            context["draft_name"] = f"review-{review.pk}"
        return super().render_change_form(request, context, *args, **kwargs)

    def may_write(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(rights.LEAD_MAJOR))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may_write(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A published review is kept as it is; its follow-ups have a list of their own."""
        return self.may_write(request) and (obj is None or obj.published_at is None)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Review, form: BaseForm, change: bool) -> None:
        texts = {name: form.cleaned_data[name] for name in TEXTS}
        version = obj.version if change else 0
        saved = workflow.save_review(obj.incident, actor=by(request), fields=texts, version=version)
        obj.pk, obj.written_by, obj.version = saved.pk, saved.written_by, saved.version

    def publish(self, request: HttpRequest, pk: int) -> HttpResponse:
        review = self.get_object(request, str(pk))
        if review is None:
            raise Http404
        if not self.has_change_permission(request, review):
            raise PermissionDenied
        if request.method == "POST":
            return self.published_by(request, review)
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "title": _("Publish the review"),
            "subtitle": None,
            "opts": self.opts,
            "review": review,
        }
        return TemplateResponse(request, "admin/incidents/review/publish.html", context)

    def published_by(self, request: HttpRequest, review: Review) -> HttpResponse:
        try:
            seen = request.POST.get("version", "")
            version = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < LONGEST_VERSION else 0
            workflow.publish_review(review.incident, actor=by(request), at=timekeeping.now(), version=version)
        except Refused as refusal:
            self.message_user(request, refusal.message, messages.ERROR)
        else:
            self.message_user(request, _("The review is published and kept."), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:incidents_review_change", args=[review.pk]))

    @admin.display(description=_("Incident"), ordering="incident__title")
    def of(self, review: Review) -> SafeString:
        return two_lines(first=review.incident.title, second=review.incident.number)

    @admin.display(description=_("Incident"))
    def number(self, review: Review) -> SafeString | str:
        return incident_link(review.incident)

    @admin.display(description=_("State"), ordering="published_at")
    def stage(self, review: Review) -> SafeString:
        if review.published_at is None:
            return tag_cell(text=_("Draft"), tone="amber")
        return tag_cell(text=_("Published"), tone="green")

    @admin.display(description=_("Written by"))
    def author(self, review: Review) -> SafeString:
        return person_cell(who=review.written_by)

    @admin.display(description=_("Published"), ordering="published_at")
    def published(self, review: Review) -> SafeString | str:
        return ago_cell(at=review.published_at) if review.published_at else "–"


class DoneFilter(admin.SimpleListFilter):
    title = _("done")
    parameter_name = "done"

    def lookups(self, _request: HttpRequest, _model_admin: object) -> list[tuple[str, StrOrPromise]]:
        return [("no", _("Still to do")), ("late", _("Late")), ("yes", _("Done"))]

    def queryset(self, _request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case "no":
                return queryset.filter(done_at=None)
            case "late":
                return queryset.filter(done_at=None, due_on__lt=timezone.localdate(timekeeping.now()))
            case "yes":
                return queryset.exclude(done_at=None)
        return queryset


@admin.register(FollowUp)
class FollowUpAdmin(DeskAdmin):
    list_display = ("what", "stage", "who", "due_on")
    list_filter = (DoneFilter,)
    list_select_related = ("review__incident", "owner")
    search_fields = ("text", "review__incident__title")
    ordering = ("done_at", "due_on", "pk")
    autocomplete_fields = ("review", "owner")
    actions = ("mark_done",)
    empty_text = _("Nothing is left to do. Reviews put their follow-ups here.")

    @admin.action(description=_("Mark as done"), permissions=["change"])
    def mark_done(self, request: HttpRequest, queryset: QuerySet[FollowUp]) -> None:
        count = queryset.filter(done_at=None).update(done_at=timekeeping.now())
        self.message_user(request, _("%d follow-ups are done now.") % count, messages.SUCCESS)

    @admin.display(description=_("What"), ordering="text")
    def what(self, item: FollowUp) -> SafeString:
        incident = item.review.incident
        return two_lines(first=item.text, second=f"{incident.number} · {incident.title}")

    @admin.display(description=_("State"))
    def stage(self, item: FollowUp) -> SafeString:
        if item.done_at is not None:
            return tag_cell(text=_("Done"), tone="green")
        if item.due_on is not None and item.due_on < timezone.localdate(timekeeping.now()):
            return tag_cell(text=_("Late"), tone="red")
        return tag_cell(text=_("To do"), tone="")

    @admin.display(description=_("Owner"))
    def who(self, item: FollowUp) -> SafeString:
        return person_cell(who=item.owner, nobody=_("Nobody yet"))
