"""Who is logged in, with what each page needs of them: one query for account, profile and location."""

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User


class Accounts(ModelBackend):
    def get_user(self, user_id: int) -> User | None:
        """As the stock backend; `user.profile` costs nothing afterwards, be there one or not."""
        user = User.objects.select_related("profile__location").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
