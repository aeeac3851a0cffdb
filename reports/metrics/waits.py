"""What is said of waiting times. How they are counted is in `survival`, which needs numpy."""

from django.utils.translation import gettext_lazy as _

from reports.metrics.definition import Measure, Unit

WAITED_TO_ACKNOWLEDGE = Measure(
    "waited_to_acknowledge",
    _("Time to acknowledge"),
    _(
        "From opened until no longer new, in elapsed time to the minute. Incidents still new at the end of "
        "the period count as waiting, not as missing (Kaplan-Meier)."
    ),
    _("Incidents opened in the period; cancelled ones and duplicates are left out."),
    Unit.MINUTES,
    -1,
)
WAITED_TO_RESOLVE = Measure(
    "waited_to_resolve",
    _("Time to resolve"),
    _(
        "From opened to the last resolution, in elapsed time to the minute. Incidents still open at the end "
        "of the period count as waiting, not as missing (Kaplan-Meier)."
    ),
    _("Incidents opened in the period; cancelled ones and duplicates are left out."),
    Unit.MINUTES,
    -1,
)
