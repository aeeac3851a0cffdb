"""What somebody wrote before they were logged out, where its own page cannot show it again."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from incidents.models import HeldForm
from incidents.portal.views.person import person
from incidents.unsent import holding, staging


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def unsent(request: HttpRequest, pk: int) -> HttpResponse:
    """Every word, to be sent as it is or copied; a POST discards it."""
    user = person(request)
    row = get_object_or_404(HeldForm, user=user, pk=pk)
    if request.method == "POST":
        holding.discard(row)
        holding.remind_again(request)
        return redirect(row.page)
    context = {
        "held": row,
        "words": holding.words(row),
        "files": staging.staged(user, row.fields.get("kept", [])),
        "values": [(name, value) for name, values in row.fields.items() for value in values],
    }
    return render(request, "incidents/portal/unsent.html", context)
