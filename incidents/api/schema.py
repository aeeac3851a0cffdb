"""The OpenAPI description: problems, headers and parameters that every operation has."""

import inspect
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema as SpectacularAutoSchema
from drf_spectacular.plumbing import build_bearer_security_scheme_object
from drf_spectacular.utils import OpenApiParameter

from incidents.api.serializers.problems import ProblemSerializer

IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, required=True,
    description='The ETag of the incident as you read it, such as `"7"`; `*` takes any version.',
)  # fmt: skip
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag you have; 304 if it is still that one.",
)
IF_MATCH_REVIEW = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER,
    description='The ETag of the review as you read it, such as `"2"`; `*` takes any version.',
)  # fmt: skip
IF_NONE_MATCH_REVIEW = OpenApiParameter(
    "If-None-Match", {"type": "string", "enum": ["*"]}, OpenApiParameter.HEADER,
    description="`*`: begin the review; 412 if there is one already.",
)  # fmt: skip
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key", {"type": "string", "minLength": 1, "maxLength": 255}, OpenApiParameter.HEADER,
    description="A new text for each new request. Sent again within some days, it is answered as before.",
)  # fmt: skip
FIELDS = OpenApiParameter("fields", str, description="Only these fields, with commas between them.")

#: Which problems an operation may answer, beyond the everyday ones.
EVERYDAY = ("401", "403", "406", "429", "500", "503")
BY_METHOD = {
    "GET": ("400", "404"),
    "POST": ("400", "404", "409", "412", "413", "415", "422", "428", "507"),
    "PATCH": ("400", "404", "409", "412", "413", "415", "428", "507"),
    "PUT": ("400", "404", "409", "412", "413", "415", "428", "507"),
}


class AutoSchema(SpectacularAutoSchema):
    def _is_list_view(self, serializer: object = None) -> bool:  # noqa: ARG002 -- its signature
        """Our views page by hand: one that has pages and orders to choose from answers a page of rows."""
        pages = getattr(self.view, "pagination_class", None) is not None and hasattr(self.view, "orderings")
        return self.method == "GET" and pages

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular calls it
        """What the class says of itself. The docstring of a class it builds on is for its readers."""
        return inspect.cleandoc(vars(type(self.view)).get("__doc__") or "")

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, object] = super()._get_response_bodies(direction=direction)
        for code in sorted({*EVERYDAY, *BY_METHOD.get(self.method, ())} - set(bodies)):
            bodies[code] = self._get_response_for_code(  # type: ignore[no-untyped-call]
                ProblemSerializer, code, media_types=["application/problem+json"], direction=direction
            )
        if "incidents/{number}" in self.path and not self._is_list_view():
            self._tell_etag(bodies)
        return bodies

    def _tell_etag(self, bodies: dict[str, Any]) -> None:
        header = {"description": "The version, for If-Match.", "schema": {"type": "string"}}
        for code in ("200", "201"):
            if code in bodies and self.method != "DELETE":
                bodies[code].setdefault("headers", {})["ETag"] = header


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself
    target_class = "incidents.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, object]:  # noqa: ARG002 -- its signature
        scheme = build_bearer_security_scheme_object(header_name="Authorization", token_prefix="Bearer")  # noqa: S106 -- a word, no secret
        return {**scheme, "description": "`Authorization: Bearer itsm_…`. Tokens are made in the admin."}
