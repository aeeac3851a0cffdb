"""Who is logged in, with what each page needs of them: one query for account, profile and location."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.http import HttpRequest

from incidents.models import ApiToken
from incidents.models.api_token import mark_of


class Accounts(ModelBackend):
    def authenticate(
        self, request: HttpRequest | None, username: Any = None, password: Any = None, **kwargs: Any
    ) -> User | None:
        """As the stock backend. A log-in may hash the password anew: to tokens it is the same one."""
        before = User.objects.filter(username=username).values_list("password", flat=True).first()
        user = super().authenticate(request, username=username, password=password, **kwargs)
        if isinstance(user, User) and before is not None and before != user.password:
            tokens = ApiToken.objects.filter(user=user, password_mark=mark_of(before))
            tokens.update(password_mark=mark_of(user.password))
        return user if isinstance(user, User) else None

    def get_user(self, user_id: int) -> User | None:
        """As the stock backend; `user.profile` costs nothing afterwards, be there one or not."""
        user = User.objects.select_related("profile__location").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
