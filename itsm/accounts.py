"""Who is logged in, with what each page needs of them: one query for account, profile and location."""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission, User
from django.db.models import Q
from django.http import HttpRequest

from incidents.kept import Kept
from incidents.models import ApiToken
from incidents.models.api_token import mark_of

#: So many people's rights are kept at most.
MOST = 5000


class Accounts(ModelBackend):
    def authenticate(
        self, request: HttpRequest | None, username: Any = None, password: Any = None, **kwargs: object
    ) -> User | None:
        """As the stock backend. A log-in may hash the password anew: to tokens it is the same one."""
        before = User.objects.filter(username=username).values_list("password", flat=True).first()
        user = super().authenticate(request, username=username, password=password, **kwargs)
        if isinstance(user, User) and before is not None and before != user.password:
            tokens = ApiToken.objects.filter(user=user, password_mark=mark_of(before))
            tokens.update(password_mark=mark_of(user.password))
        return user if isinstance(user, User) else None

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> Any:
        """As the stock backend, of one's own and of one's roles; kept until any rights change."""
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return set()
        if not hasattr(user_obj, "_perm_cache"):
            known = _rights()
            whose = None if user_obj.is_superuser else user_obj.pk
            rights = known.get(whose)
            if rights is None:
                if len(known) >= MOST:
                    known.clear()
                rights = known[whose] = frozenset(_rights_of(user_obj))
            user_obj._perm_cache = rights  # noqa: SLF001 -- where the stock backend keeps them
        return user_obj._perm_cache  # noqa: SLF001

    def get_user(self, user_id: int) -> User | None:
        """As the stock backend; `user.profile` costs nothing afterwards, be there one or not."""
        user = User.objects.select_related("profile__location").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None


def _rights_of(user: User) -> Iterator[str]:
    """All of them, in one query."""
    rows = Permission.objects.all()
    if not user.is_superuser:
        rows = rows.filter(Q(user=user) | Q(group__user=user)).distinct()
    for app, codename in rows.order_by().values_list("content_type__app_label", "codename"):
        yield f"{app}.{codename}"


#: {account, or None for those who may do everything: rights}; the same dictionary until any rights change
_rights = Kept[dict[int | None, frozenset[str]]](dict)
