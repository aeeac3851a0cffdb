"""What a person does about deliveries, many in the list or one on its page."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from incidents.errors import Refused
from incidents.unsent.addresses import only_post
from itsm import timekeeping
from itsm.ui.pages import DeskPage
from notifications.delivery import manual
from notifications.models import Delivery


class DeliveryVerbs(DeskPage):
    actions = ("send_again", "consider_sent", "cancel_many", "note_many")

    def may_mend(self, request: HttpRequest) -> bool:
        return request.user.has_perm("notifications.change_delivery")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return super().get_actions(request) if self.may_mend(request) else {}

    @admin.action(description=_("Send again now"))
    def send_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        self.apply_to_each(request, queryset, self.retry)

    @admin.action(description=_("Consider sent"))
    def consider_sent(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        self.apply_to_each(request, queryset, lambda row, user: manual.consider_sent(row, by=user))

    @admin.action(description=_("Cancel with a reason"))
    def cancel_many(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> HttpResponse | None:
        reason = request.POST.get("reason", "").strip()
        if not reason:
            return self.ask_reason(request, list(queryset), is_missing="apply" in request.POST)
        self.apply_to_each(request, queryset, lambda row, user: manual.cancel(row, by=user, reason=reason))
        return None

    def retry(self, row: Delivery, user: User) -> None:
        manual.retry(row, by=user, at=timekeeping.now())

    def note(self, row: Delivery, user: User) -> None:
        manual.note(row, by=user, at=timekeeping.now())

    @admin.action(description=_("I have seen it, leave it as it is"))
    def note_many(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        self.apply_to_each(request, queryset, self.note)

    def apply_to_each(self, request: HttpRequest, rows: Any, act: Any) -> None:
        """One row's refusal is told and does not stop the others."""
        if not self.may_mend(request):
            raise PermissionDenied
        done = 0
        for row in rows:
            try:
                act(row, request.user)
                done += 1
            except Refused as refusal:
                self.message_user(request, refusal.message, messages.WARNING)
        if done:
            text = ngettext("%(n)d delivery was changed.", "%(n)d deliveries were changed.", done) % {
                "n": done
            }
            self.message_user(request, text, messages.SUCCESS)

    def ask_reason(self, request: HttpRequest, rows: list[Delivery], *, is_missing: bool) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": ngettext("Cancel %(n)d delivery", "Cancel %(n)d deliveries", len(rows))
            % {"n": len(rows)},
            "opts": self.opts,
            "rows": rows,
            "is_missing": is_missing,
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "notifications/admin/cancel.html", context)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        again = only_post(page="admin:notifications_delivery_change")(self.again)
        seen = only_post(page="admin:notifications_delivery_change")(self.seen)
        own = [
            path("<int:pk>/seen/", view(seen), name="notifications_delivery_seen"),
            path("<int:pk>/again/", view(again), name="notifications_delivery_again"),
            path("<int:pk>/cancel/", view(self.cancel_one), name="notifications_delivery_cancel"),
        ]
        return own + super().get_urls()

    def found(self, request: HttpRequest, pk: int) -> Delivery:
        if not self.has_view_permission(request):
            raise PermissionDenied
        row: Delivery = get_object_or_404(self.get_queryset(request), pk=pk)
        return row

    def again(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.apply_to_each(request, [self.found(request, pk)], self.retry)
        return self.back_to(pk)

    def seen(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.apply_to_each(request, [self.found(request, pk)], self.note)
        return self.back_to(pk)

    def cancel_one(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self.found(request, pk)
        if not self.may_mend(request):
            raise PermissionDenied
        reason = request.POST.get("reason", "").strip()
        if not reason:
            return self.ask_reason(request, [row], is_missing=request.method == "POST")
        self.apply_to_each(request, [row], lambda row, user: manual.cancel(row, by=user, reason=reason))
        return self.back_to(pk)

    def back_to(self, pk: int) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:notifications_delivery_change", args=[pk]))
