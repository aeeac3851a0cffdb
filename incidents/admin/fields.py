"""Form fields of the desk: people, teams, incidents by number."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from incidents import limits, rights
from incidents.models import Incident, Problem
from incidents.unsent.forms import LongText
from itsm.ui.names import person_name
from itsm.ui.only_visible import Suggestions
from itsm.ui.texts import StrOrPromise


class Text(LongText):
    def __init__(self, *, rows: int = 4, **kwargs: Any) -> None:
        own = {"widget": forms.Textarea(attrs={"rows": rows}), "max_length": limits.TEXT}
        super().__init__(**{**own, **kwargs})


class Suggest(Suggestions):
    """The admin's suggestions with words in the empty box."""

    def __init__(self, column: Any, words: StrOrPromise) -> None:
        super().__init__(column, admin.site)
        self.words = words

    def build_attrs(self, base_attrs: Any, extra_attrs: Any = None) -> dict[str, object]:
        return {**super().build_attrs(base_attrs, extra_attrs), "data-placeholder": self.words}


class Row(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One row of a table too long for a list: the admin's suggestions, fed by what `of` points to."""

    def __init__(self, of: str, **kwargs: object) -> None:
        column: Any = Incident._meta.get_field(of)
        super().__init__(
            **{
                "queryset": column.related_model._default_manager.all(),
                "required": False,
                "label": column.verbose_name,
                "widget": Suggest(column, _("Type to search")),
                **kwargs,
            }
        )

    def label_from_instance(self, obj: Any) -> str:
        return f"{person_name(obj)} · {obj.email}" if isinstance(obj, User) else str(obj)


class ByNumber(forms.CharField):
    """An incident by its number; only those that this person may see exist."""

    def __init__(self, **kwargs: Any) -> None:
        self.user: User | None = None
        super().__init__(**{"widget": forms.TextInput(attrs={"placeholder": "INC0000123"}), **kwargs})

    def clean(self, value: Any) -> object:
        text = super().clean(value)
        if not text:
            return None
        rows = Incident.objects.visible_to(self.user) if self.user else Incident.objects.none()
        found = rows.with_number(text).first()
        if found is None:
            raise ValidationError(
                _("There is no incident %(number)s. Look its number up in the list."), params={"number": text}
            )
        return found


class ProblemByNumber(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"widget": forms.TextInput(attrs={"placeholder": "PRB0000012"}), **kwargs})

    def clean(self, value: object) -> object:
        text = super().clean(value)
        if not text:
            return None
        found = Problem.objects.with_number(text).first()
        if found is None:
            raise ValidationError(
                _("There is no problem %(number)s. Look its number up in the list."), params={"number": text}
            )
        return found


def agents() -> QuerySet[User]:
    """Everybody who may work incidents."""
    codename = rights.WORK.partition(".")[2]
    by_role = Q(
        groups__permissions__codename=codename, groups__permissions__content_type__app_label="incidents"
    )
    own = Q(user_permissions__codename=codename, user_permissions__content_type__app_label="incidents")
    rows = User.objects.filter(pk__in=User.objects.filter(by_role | own | Q(is_superuser=True)).values("pk"))
    return rows.filter(is_active=True).order_by("first_name", "last_name", "username", "pk")


def agents_by_team(agents_found: list[User], teams: list[Any]) -> list[tuple[StrOrPromise, object]]:
    """A list with the teams as headings: with and without script. `teams` has its members prefetched."""
    known = {agent.pk: agent for agent in agents_found}
    groups: list[tuple[StrOrPromise, object]] = [("", _("Nobody yet"))]
    for team in teams:
        members = sorted((known[m.pk] for m in team.members.all() if m.pk in known), key=person_name)
        if members:
            groups.append((team.name, [(str(m.pk), person_name(m)) for m in members]))
    teamed = {m.pk for team in teams for m in team.members.all()}
    others = [(str(agent.pk), person_name(agent)) for agent in agents_found if agent.pk not in teamed]
    return [*groups, (_("In no team"), others)] if others else groups


def find_person(login: str) -> User | None:
    """By log-in or address, for browsers without script."""
    text = login.strip()
    if not text:
        return None
    found = list(User.objects.filter(Q(username__iexact=text) | Q(email__iexact=text), is_active=True)[:2])
    return found[0] if len(found) == 1 else None
