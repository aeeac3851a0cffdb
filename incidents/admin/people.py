"""Accounts, what the desk knows of people, and roles in plain words."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.db.models import OuterRef, QuerySet
from django.forms import ModelMultipleChoiceField
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from incidents import granting
from incidents.admin.access import user_of
from incidents.admin.base import DeskAdmin, counted, without_bulk_delete
from incidents.lines import one_line
from incidents.models import Profile
from itsm.ui.cells import ago_cell, person_cell
from itsm.ui.pages import BaseForm, BaseStacked, Labelled
from itsm.ui.texts import StrOrPromise

#: What the roles that every desk starts with are for. Roles of your own say it by their name.
ROLES: dict[str, StrOrPromise] = {
    "Agent": _("Works incidents: takes, answers, resolves them. Reads the catalogue."),
    "Team lead": _(
        "As an agent; also overrides priorities, keeps the catalogue and the members of their own teams."
    ),
    "Incident manager": _(
        "As a team lead; also leads major incidents, publishes reviews, reads confidential ones of all teams "
        "and so decides who is in which."
    ),
    "Auditor": _("Reads everything, changes nothing: no report or answer of their own either."),
    "Administrator": _("Everything of the desk: people, roles, SLA, monitoring and webhooks."),
}


class RoleChoiceField(ModelMultipleChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        words = ROLES.get(obj.name)
        return str(format_lazy("{}: {}", obj.name, words)) if words else str(obj.name)


class NameField(forms.CharField):
    """A person's name, without what cannot be seen in it."""

    def to_python(self, value: object) -> str:
        return one_line(super().to_python(value) or "")


class ProfileInline(Labelled, BaseStacked):
    model = Profile
    can_delete = False
    autocomplete_fields = ("location",)
    fields = ("location", "department", "phone", "time_zone", "language", "external_id")
    verbose_name_plural = _("At work")

    def get_fields(self, _request: HttpRequest, _obj: object = None) -> Any:
        """A choice of one language is none."""
        return [name for name in self.fields if name != "language" or len(settings.LANGUAGES) > 1]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "language":
            return forms.ChoiceField(
                label=db_field.verbose_name,
                required=False,
                choices=languages,
                help_text=_("Empty: the one of the browser."),
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)


def languages() -> list[tuple[str, StrOrPromise]]:
    return [("", "–"), *settings.LANGUAGES]


if admin.site.is_registered(User):
    admin.site.unregister(User)
if admin.site.is_registered(Group):
    admin.site.unregister(Group)


@admin.register(User)
class PersonAdmin(DeskAdmin, UserAdmin):  # type: ignore[type-arg]
    """Who may more than the reader is not changed by them: else the right to edit people were every right."""

    list_title = _("People")
    list_display = ("who", "works_as", "works_in", "location", "seen", "is_active")
    list_filter = ("is_active", "is_staff", "groups", "teams")
    list_select_related = ("profile__location",)
    search_fields = ("username", "first_name", "last_name", "email")
    ordering = ("last_name", "first_name", "pk")
    filter_horizontal = ()
    inlines = (ProfileInline,)
    readonly_fields = ("last_login", "date_joined")
    list_note = _(
        "People without a role are requesters: they use the portal. Those who leave are made inactive, "
        "not deleted; what they wrote stays."
    )
    fieldsets = (
        (None, {"fields": ("username", "password", "is_active")}),
        (_("Person"), {"fields": (("first_name", "last_name"), "email")}),
        (
            _("What they may do"),
            {
                "fields": ("is_staff", "groups"),
                "description": _(
                    "Requesters need nothing here. Agents need the log-in to the desk and a role."
                ),
            },
        ),
        (_("Log-in"), {"fields": (("last_login", "date_joined"),), "classes": ("collapse",)}),
    )
    beyond = (
        _("Beyond roles"),
        {
            "fields": ("is_superuser", "user_permissions"),
            "classes": ("collapse",),
            "description": _("Seldom needed. A superuser may do everything, whatever the roles say."),
        },
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups", "teams")

    def get_fieldsets(self, request: HttpRequest, obj: object = None) -> Any:
        sets = super().get_fieldsets(request, obj)
        return [*sets, self.beyond] if obj is not None and is_superuser(request) else sets

    def get_inlines(self, request: HttpRequest, obj: object) -> Any:
        """The account first; what is known of its person once it is there."""
        return super().get_inlines(request, obj) if obj is not None else ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and is_within_reach(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and is_within_reach(request, obj)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: object) -> Any:
        if db_field.name in {"first_name", "last_name"}:
            kwargs["form_class"] = NameField
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            kwargs |= {
                "widget": forms.CheckboxSelectMultiple,
                "form_class": RoleChoiceField,
                "queryset": granting.roles_within(user_of(request)).order_by("pk"),
                "help_text": "",
            }
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    @admin.display(description=_("Person"), ordering="last_name")
    def who(self, user: User) -> SafeString:
        return person_cell(who=user, sub=user.email or user.get_username())

    @admin.display(description=_("Role"))
    def works_as(self, user: User) -> StrOrPromise:
        roles = ", ".join(group.name for group in user.groups.all())
        return _("Superuser") if user.is_superuser else roles or _("Requester")

    @admin.display(description=_("Teams"))
    def works_in(self, user: User) -> str:
        return ", ".join(team.name for team in user.teams.all()) or "–"

    @admin.display(description=_("Location"), ordering="profile__location__name")
    def location(self, user: User) -> str:
        profile = getattr(user, "profile", None)
        return profile.location.name if profile is not None and profile.location else "–"

    @admin.display(description=_("Last log-in"), ordering="last_login")
    def seen(self, user: User) -> StrOrPromise:
        return ago_cell(at=user.last_login) if user.last_login else _("never")


def is_within_reach(request: HttpRequest, person: User | None) -> bool:
    """Asked once a request for each person: a page asks for its buttons one by one."""
    if person is None:
        return True
    known = request.__dict__.setdefault("people_within_reach", {})
    if person.pk not in known:
        known[person.pk] = not granting.why_not_act_as(user_of(request), person)
    return bool(known[person.pk])


def is_superuser(request: HttpRequest) -> bool:
    return bool(request.user.is_active and request.user.is_superuser)


def is_role_within(request: HttpRequest, role: Group | None) -> bool:
    return role is None or granting.roles_within(user_of(request)).filter(pk=role.pk).exists()


class RoleForm(BaseForm):
    class Meta:
        model = Group
        fields = ("name", "permissions")


@admin.register(Group)
class RoleAdmin(DeskAdmin, GroupAdmin):
    form = RoleForm
    list_title = _("Roles")
    list_display = ("name", "purpose", "people")
    search_fields = ("name",)
    ordering = ("pk",)
    filter_horizontal = ()
    readonly_fields = ("purpose",)
    list_note = _("A role is a set of rights with a name. Give roles to people on their page.")
    fieldsets = (
        (None, {"fields": ("name", "purpose")}),
        (_("Single rights"), {"fields": ("permissions",), "classes": ("collapse",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        members = User.groups.through.objects.filter(group=OuterRef("pk"))
        rows: QuerySet[Group] = super().get_queryset(request).annotate(people_count=counted(members, "group"))
        return rows

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A role with rights that one has not is read."""
        return super().has_change_permission(request, obj) and is_role_within(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The roles a desk starts with stay: documents and defaults speak of them."""
        if obj is not None and obj.name in ROLES:
            return False
        return super().has_delete_permission(request, obj) and is_role_within(request, obj)

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: object) -> Any:
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if db_field.name == "permissions":
            own = granting.rights_of(user_of(request)).values("pk")
            field.queryset = Permission.objects.filter(pk__in=own).select_related("content_type")
        return field

    def get_actions(self, request: HttpRequest) -> Any:
        return without_bulk_delete(super().get_actions(request))

    @admin.display(description=_("What it is for"))
    def purpose(self, group: Group) -> StrOrPromise:
        return ROLES.get(group.name, _("A role of your own."))

    @admin.display(description=_("People"), ordering="people_count")
    def people(self, group: Any) -> int:
        count: int = group.people_count
        return count
