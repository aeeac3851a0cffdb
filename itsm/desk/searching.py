"""What lists of the desk may be asked for: as many words as the search itself takes, and no patterns.

At the door of the admin, so that it holds for every list and every choice that is looked up while typing:
each word more is one more condition a column, and a pasted page would keep the database busy for minutes.
Who asked for more words is told.
"""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from incidents import limits
from incidents.search.finding import MAX_WORDS
from itsm.unwell import bad_request

#: What lists and look-ups call it.
NAMES = ("q", "term")
#: Lookups that no list of ours offers: a stranger's pattern takes what time it likes, half a range breaks.
REFUSED = {"regex", "iregex", "range", "search"}


def searching(page: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    @wraps(page)
    def bounded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if any(REFUSED.intersection(name.split("__")[1:]) for name in request.GET):
            return bad_request(request, SuspiciousOperation())
        for name in NAMES:
            asked = request.GET.get(name, "")
            words = shortened(asked)
            if words != asked:
                known = request.GET.copy()
                known[name] = words
                request.GET = known  # type: ignore[assignment]  # the stubs know only the one that came
                tell(request, name)
        return page(request, *args, **kwargs)

    return bounded


def shortened(text: str) -> str:
    """As it is, unless it is more than a search: then its first words."""
    words = text.split(maxsplit=MAX_WORDS)
    if len(words) <= MAX_WORDS and len(text) <= limits.LINE:
        return text
    return " ".join(words[:MAX_WORDS])[: limits.LINE]


def tell(request: HttpRequest, name: str) -> None:
    """On the page of a list; an answer to typing has no room for it."""
    if name == "q":
        messages.warning(
            request,
            _("Only the first %(words)d words and %(letters)d letters are looked for.")
            % {"words": MAX_WORDS, "letters": limits.LINE},
        )
