"""The interface explains itself: its schema, a page to try it, and what each problem means."""

from drf_spectacular.utils import extend_schema, extend_schema_view
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents.api.problems import PREFIX, TYPES
from incidents.api.serializers.problems import ProblemTypeSerializer


class Schema(SpectacularAPIView):
    """Public: it says what there is, not whose."""

    permission_classes = [AllowAny]


class Docs(SpectacularSwaggerSplitView):
    permission_classes = [AllowAny]
    url_name = "api:schema"
    template_name = "incidents/api/docs.html"


@extend_schema_view(
    get=extend_schema(
        operation_id="problem_types_read",
        summary="What a problem means",
        responses=ProblemTypeSerializer,
        auth=[],
    )
)
class ProblemTypeDetail(APIView):
    """The address that the `type` of a problem names."""

    permission_classes = [AllowAny]

    def get(self, request: Request, slug: str) -> Response:
        kind = TYPES.get(slug)
        if kind is None:
            raise NotFound
        shown = {
            "type": f"{PREFIX}{slug}/",
            "title": kind.title,
            "status": kind.status,
            "detail": kind.meaning,
        }
        return Response(shown)


class Nowhere(APIView):
    """Addresses that are none: a problem, not a page, whatever the method."""

    authentication_classes = []
    permission_classes = [AllowAny]
    schema = None

    def initial(self, *_args: object, **_kwargs: object) -> None:
        raise NotFound
