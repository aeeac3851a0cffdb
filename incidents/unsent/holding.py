"""A form that came after its session had ended is held for its person, and given back to them alone."""

from datetime import datetime

from django import forms
from django.contrib.auth.models import User
from django.http import HttpRequest, QueryDict

from incidents.models import HeldForm, StagedFile
from incidents.unsent import staging, whose
from incidents.unsent.addresses import page_of

#: What one person may have waiting; beyond it the oldest go.
MOST_FORMS = 10
MOST_CHARACTERS = 1_000_000
LONGEST_ADDRESS = 500
#: In the session: the key and page of each form that waits, so that a page without one asks nothing.
WAITING = "unsent"
#: Written by the page, not by the person.
NOT_WORDS = frozenset(
    {"token", "version", "draft", "begin", "kept", "kind", "action", "apply", "index", "select_across",
     "_selected_action"}
)  # fmt: skip


def hold(request: HttpRequest, *, at: datetime) -> HeldForm | None:
    """Keep what was sent for the person whose page it stood on; nothing without that proof, or words."""
    user = User.objects.filter(pk=whose.drawn_for(request) or 0, is_active=True).first()
    fields = _fields(request.POST)
    if user is None or fields is None or len(request.get_full_path()) > LONGEST_ADDRESS:
        return None
    if not request.FILES and not any(_is_text(name, values) for name, values in fields.items()):
        return None
    if rows := staging.arrived(request, user, at=at):
        fields["kept"] = [row.key for row in rows]
    _forget(user, request.POST)
    held = HeldForm.objects.create(
        user=user, path=request.get_full_path(), page=page_of(request), fields=fields, held_at=at
    )
    newest = HeldForm.objects.filter(user=user).order_by("-pk").values_list("pk", flat=True)[:MOST_FORMS]
    HeldForm.objects.filter(user=user).exclude(pk__in=list(newest)).delete()
    return held


def _fields(sent: QueryDict) -> dict[str, list[str]] | None:
    """What was typed, as JSON can keep it; None where a password is among it or it is too much."""
    if any("password" in name for name in sent):
        return None
    fields = {
        name.replace("\x00", ""): [value.replace("\x00", "") for value in values]
        for name, values in sent.lists()
        if name not in {"csrfmiddlewaretoken", "unsent"}
    }
    size = sum(len(name) + sum(map(len, values)) for name, values in fields.items())
    return fields if size <= MOST_CHARACTERS else None


def _is_text(name: str, values: list[str]) -> bool:
    machine = name in NOT_WORDS or name.startswith("version-")
    return not machine and any(value.strip() for value in values)


def remind(request: HttpRequest) -> None:
    """Somebody has just logged in: note in the session what waits for them."""
    rows = HeldForm.objects.filter(user=request.user.pk).order_by("-pk").values_list("pk", "page")
    if found := [list(row) for row in rows]:
        request.session[WAITING] = found


def waits_on(request: HttpRequest, page: str) -> bool:
    return any(held == page for _pk, held in request.session.get(WAITING, []))


def waiting(request: HttpRequest, path: str) -> HeldForm | None:
    """The newest that waits for this address, and is this person's."""
    if not waits_on(request, request.path):
        return None
    rows = HeldForm.objects.filter(user=request.user.pk, page=request.path).order_by("-pk")
    return next((row for row in rows if row.place == path), None)


def given_back(request: HttpRequest, form: type[forms.Form], path: str = "") -> dict[str, object]:
    """First values for the form, from what waits for it. The template says so where it stands."""
    row = waiting(request, path or request.path)
    if row is None or getattr(request, "unsent", None):
        return {}
    request.unsent = row  # type: ignore[attr-defined]
    return first_values(row.fields, form)


def first_values(sent: dict[str, list[str]], form: type[forms.Form]) -> dict[str, object]:
    """What was sent, as first values: a box that was not ticked is not ticked."""
    unticked = {
        name: False for name, field in form.base_fields.items() if isinstance(field, forms.BooleanField)
    }
    typed = {name: values[-1] for name, values in sent.items() if name in form.base_fields and values}
    return {**unticked, **typed, "kept": sent.get("kept", [])}


def sent(request: HttpRequest) -> None:
    """What was given back is done: it was sent, or its person does not want it any more."""
    if request.user.is_authenticated and _forget(request.user, request.POST):
        remind_again(request)


def remind_again(request: HttpRequest) -> None:
    request.session.pop(WAITING, None)
    remind(request)


def _forget(user: User, sent: QueryDict) -> bool:
    pk = sent.get("unsent", "")
    if not pk.isascii() or not pk.isdigit() or len(pk) > 18:
        return False
    HeldForm.objects.filter(user=user, pk=pk).delete()
    return True


def words(held: HeldForm) -> list[tuple[str, str]]:
    """What a person typed or chose in words, field by field."""
    return [
        (name.replace("_", " ").capitalize(), "\n".join(values))
        for name, values in held.fields.items()
        if _is_text(name, values)
    ]


def discard(held: HeldForm) -> None:
    StagedFile.objects.filter(user=held.user_id, key__in=held.fields.get("kept", [])).discard()
    held.delete()
