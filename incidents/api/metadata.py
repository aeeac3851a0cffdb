"""What OPTIONS answers: where the description is. It never looks at a row."""

from typing import TYPE_CHECKING

from rest_framework.metadata import BaseMetadata
from rest_framework.request import Request

if TYPE_CHECKING:
    from rest_framework.views import APIView


class Pointer(BaseMetadata):
    def determine_metadata(self, request: Request, view: "APIView") -> dict[str, str]:  # noqa: ARG002 -- DRF's signature
        return {"schema": "/api/v1/schema/", "documentation": "/api/v1/docs/"}
