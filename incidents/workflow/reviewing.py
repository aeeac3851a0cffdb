"""The post-incident review: written, then published and kept."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from incidents.enums import EntryKind, Verb
from incidents.errors import Invalid
from incidents.models import Incident, Review, TimelineEntry
from incidents.policies import Actor
from incidents.workflow import guard, transitions

WRITABLE = frozenset({"summary", "impact", "root_cause", "contributing_factors", "went_well", "went_badly"})


@transaction.atomic
def save_review(incident: Incident, *, actor: Actor, fields: Mapping[str, str]) -> Review:
    """Keep the draft. No entry: nothing is said of it until it is published."""
    transitions.check(incident, Verb.PUBLISH_REVIEW, actor)
    if unknown := set(fields) - WRITABLE:
        raise Invalid(dict.fromkeys(sorted(unknown), _("This cannot be edited.")))
    for name, text in fields.items():
        guard.clean_text(name, text)
    review = Review.objects.filter(incident=incident).first() or Review(incident=incident)
    if review.published_at is not None:
        raise Invalid({"summary": _("This review is published. Write what is new as an internal note.")})
    for name, text in fields.items():
        setattr(review, name, text)
    review.written_by = actor.user
    review.save()
    return review


@transaction.atomic
def publish_review(incident: Incident, *, actor: Actor, at: datetime) -> TimelineEntry:
    """Publish the draft; a major incident can be closed from then on. The root cause joins the incident."""
    transitions.check(incident, Verb.PUBLISH_REVIEW, actor)
    review = Review.objects.filter(incident=incident).first()
    if review is None or not review.summary.strip():
        raise Invalid({"summary": _("Write the summary first.")})
    if review.published_at is not None:
        raise Invalid({"summary": _("This review is published already.")})
    review.published_at = at
    review.save(update_fields=["published_at"])
    return guard.write(
        incident,
        kind=EntryKind.REVIEW_PUBLISHED,
        actor=actor,
        at=at,
        changes={"root_cause": review.root_cause} if review.root_cause else {},
        data={"review": review.pk},
    )
