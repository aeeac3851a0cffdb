"""What must not be kept goes."""

from datetime import datetime

from django.utils.translation import gettext_lazy

from incidents import workflow
from incidents.admin.fields import Text
from incidents.admin.verb_forms.base import VerbForm
from incidents.enums import Verb
from incidents.models import TimelineEntry
from incidents.policies import Actor


class RedactForm(VerbForm):
    verb = Verb.REDACT
    button = gettext_lazy("Remove them for good")
    note = gettext_lazy(
        "They go from the timeline, the incident, its findings and review, alerts, sent and waiting mails, "
        "received mails and unsent forms. Files stay. This cannot be undone; that it was done stays known."
    )
    words = Text(
        label=gettext_lazy("Words to remove"),
        rows=2,
        help_text=gettext_lazy("Wherever they stand, in any case; “[…]” stays in their place."),
    )
    reason = Text(
        label=gettext_lazy("Why?"), rows=2, help_text=gettext_lazy("Is kept. Do not repeat the words.")
    )

    def run(self, *, actor: Actor, at: datetime) -> TimelineEntry | None:
        data = self.cleaned_data
        return workflow.redact(self.incident, actor=actor, at=at, words=data["words"], reason=data["reason"])
