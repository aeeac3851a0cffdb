"""What a token may do of what its person may do."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException
from rest_framework.permissions import SAFE_METHODS, IsAuthenticated
from rest_framework.request import Request

from incidents.models.api_token import ApiToken, Scope

if TYPE_CHECKING:
    from rest_framework.views import APIView


class InsufficientScope(APIException):
    status_code = 403
    default_code = "insufficient-scope"

    def __init__(self, scope: Scope) -> None:
        super().__init__(_("This token lacks the scope “%(scope)s”.") % {"scope": scope.value})


class HasScope(IsAuthenticated):
    """Signed in; and with a token, one of the right scope. Which rows, `visible_to` decides."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not super().has_permission(request, view):
            return False
        needed = Scope.READ if request.method in SAFE_METHODS else Scope.WRITE
        if isinstance(request.auth, ApiToken) and not request.auth.allows(needed):
            raise InsufficientScope(needed)
        return True
