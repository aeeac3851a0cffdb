"""The outbox preview: mails as files, where no mail server is set up. It stands in for a mailbox."""

import email
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import cast

from django.conf import settings
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from itsm import timekeeping
from notifications.admin import letters

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Letter:
    name: str
    at: datetime
    to: str
    subject: str
    message: EmailMessage

    @property
    def text(self) -> str:
        body = self.message.get_body(("plain",))
        return str(body.get_content()) if body else ""

    @property
    def html(self) -> str:
        """With the pictures it carries put in place, so that nothing has to be loaded."""
        body = self.message.get_body(("html",))
        pictures = {
            str(part["Content-ID"]).strip("<>"): (part.get_content_type(), cast("bytes", part.get_content()))
            for part in self.message.walk()
            if part["Content-ID"] and part.get_content_maintype() == "image"
        }
        return letters.with_pictures(str(body.get_content()), pictures) if body else ""

    @property
    def attached(self) -> list[str]:
        return [part.get_filename() or part.get_content_type() for part in self.message.iter_attachments()]

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, str(value)) for name, value in self.message.items()]


def urls(site: AdminSite) -> list[URLPattern]:
    """No pages at all where mails really leave."""
    if settings.EMAIL_URL:
        return []

    def guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        return site.admin_view(require_safe(view))

    return [
        path("outbox/", guarded(lambda request: inbox(site, request)), name="outbox"),
        path(
            "outbox/<str:name>/",
            guarded(lambda request, name: one(site, request, name)),
            name="outbox_letter",
        ),
        path("outbox/<str:name>/html/", guarded(html), name="outbox_html"),
    ]


def inbox(site: AdminSite, request: HttpRequest) -> HttpResponse:
    allow(request)
    page = Paginator(names(), PER_PAGE).get_page(request.GET.get("p"))
    letters_shown = [letter for name in page.object_list if (letter := read(name))]
    context = {
        **site.each_context(request),
        "title": _("Outbox preview"),
        "letters": letters_shown,
        "page": page,
        "folder": settings.MAIL_DIR,
    }
    return TemplateResponse(request, "notifications/admin/outbox.html", context)


def one(site: AdminSite, request: HttpRequest, name: str) -> HttpResponse:
    allow(request)
    letter = found(name)
    context = {**site.each_context(request), "title": letter.subject, "letter": letter}
    return TemplateResponse(request, "notifications/admin/letter.html", context)


def html(request: HttpRequest, name: str) -> HttpResponse:
    allow(request)
    return letters.framed(found(name).html)


def allow(request: HttpRequest) -> None:
    """It shows every mail, whoever it is for: for those who may mend deliveries."""
    if not request.user.has_perm("notifications.change_delivery"):
        raise PermissionDenied


def names() -> list[str]:
    """Newest first: their names begin with the time."""
    folder = Path(settings.MAIL_DIR)
    return sorted((path.name for path in folder.glob("*.eml")), reverse=True) if folder.is_dir() else []


def found(name: str) -> Letter:
    letter = read(name) if name in names() else None
    if letter is None:
        raise Http404
    return letter


def read(name: str) -> Letter | None:
    """None when somebody has emptied the folder meanwhile."""
    try:
        content = (Path(settings.MAIL_DIR) / name).read_bytes()
    except OSError:
        return None
    message = email.message_from_bytes(content, _class=EmailMessage, policy=default)
    sent = message["Date"].datetime if message["Date"] else timekeeping.now()
    return Letter(name, sent, str(message["To"] or ""), str(message["Subject"] or ""), message)
