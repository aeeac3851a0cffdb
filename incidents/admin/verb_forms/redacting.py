"""What must not be kept goes."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents import workflow
from incidents.admin.verb_forms.asking import asked_text
from incidents.admin.verb_forms.base import VerbForm
from incidents.enums import Verb
from incidents.models import Incident, TimelineEntry
from incidents.policies import Actor


class RedactForm(VerbForm):
    verb = Verb.REDACT
    button = gettext_lazy("Remove them for good")
    note = gettext_lazy(
        "They go from the timeline, the incident, its findings and review, alerts, sent and waiting mails, "
        "received mails and unsent forms. A received mail that holds them is not kept as it came any more, "
        "nor are its files. This cannot be undone; that it was done stays known."
    )
    words = asked_text(
        verb,
        "words",
        label=gettext_lazy("Words to remove"),
        rows=2,
        help_text=gettext_lazy("Wherever they stand, in any case; “[…]” stays in their place."),
    )
    reason = asked_text(
        verb,
        "reason",
        label=gettext_lazy("Why?"),
        rows=2,
        help_text=gettext_lazy("Is kept. Do not repeat the words."),
    )

    def warning(self) -> str:
        """What may hold them and is not searched."""
        files = self.incident.entries.exclude(attachments=None).order_by("attachments__pk")
        names = list(files.values_list("attachments__name", flat=True))
        return " ".join(
            [
                _(
                    "They stay in addresses, in the key of an alert that still fires, in received mails "
                    "that belong to no incident, in log files, backups and drafts in browsers, and with "
                    "whoever got them by mail."
                ),
                self._staying(_("Not searched are the files: %(names)s."), names),
                self._staying(_("Related ones keep theirs: %(names)s."), self._kin()),
            ]
        ).strip()

    def _staying(self, sentence: str, names: list[str]) -> str:
        return sentence % {"names": ", ".join(names)} if names else ""

    def _kin(self) -> list[str]:
        """Whoever looks for the words here may find them there, as far as they see it."""
        one = self.incident
        near = Q(parent=one) | Q(duplicate_of=one) | Q(follows_up=one)
        near |= Q(pk__in=(one.parent_id, one.duplicate_of_id, one.follows_up_id))
        seen = Incident.objects.visible_to(self.actor.user) if self.actor.user else Incident.objects.none()
        numbers = [other.number for other in seen.filter(near).order_by("pk")]
        return [*numbers, *([one.problem.number] if one.problem else [])]

    def run(self, *, actor: Actor, at: datetime) -> TimelineEntry | None:
        data = self.cleaned_data
        return workflow.redact(self.incident, actor=actor, at=at, words=data["words"], reason=data["reason"])
