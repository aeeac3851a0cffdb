"""The post-incident review: written, then published and kept."""

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from incidents import ledger
from incidents.enums import EntryKind, Verb
from incidents.errors import Invalid, StaleReview
from incidents.models import Incident, Review, TimelineEntry
from incidents.policies import Actor
from incidents.workflow import persist, transitions

WRITABLE = frozenset({"summary", "impact", "root_cause", "contributing_factors", "went_well", "went_badly"})


@transaction.atomic
def save_review(
    incident: Incident, *, actor: Actor, fields: Mapping[str, str], version: int | None = None
) -> Review:
    """Keep the draft. No entry: nothing is said of it until it is published.

    `version` is the one that was read, 0 for a first draft; None takes what is there. Raises StaleReview.
    """
    transitions.check(incident, Verb.PUBLISH_REVIEW, actor)
    if unknown := set(fields) - WRITABLE:
        raise Invalid(dict.fromkeys(sorted(unknown), _("This cannot be edited.")))
    for name, text in fields.items():
        persist.clean_text(name, text)
    review: Review | None = Review.objects.filter(incident=incident).first()
    _expect(incident, review, version)
    if review is None:
        return _first_draft(incident, actor, fields)
    if review.published_at is not None:
        raise Invalid({"summary": _("This review is published. Write what is new as an internal note.")})
    _write(incident, review, **fields, written_by=actor.user)
    return review


def _expect(incident: Incident, review: Review | None, version: int | None) -> None:
    if version is not None and version != (review.version if review else 0):
        raise StaleReview(incident.number)


def _first_draft(incident: Incident, actor: Actor, fields: Mapping[str, str]) -> Review:
    try:
        with transaction.atomic():
            review: Review = Review.objects.create(incident=incident, written_by=actor.user, **fields)
            return review
    except IntegrityError:
        raise StaleReview(incident.number) from None  # somebody else began one in this moment


def _write(incident: Incident, review: Review, **values: object) -> None:
    """The guarded write of a draft: of two changes to one version one is kept."""
    draft = Review.objects.filter(pk=review.pk, version=review.version, published_at=None)
    if draft.update(**values, version=F("version") + 1) != 1:
        raise StaleReview(incident.number)
    review.refresh_from_db()


@transaction.atomic
def publish_review(
    incident: Incident, *, actor: Actor, at: datetime, version: int | None = None
) -> TimelineEntry:
    """Publish the draft; a major incident can be closed from then on. The root cause joins the incident.

    `version` is the draft that was read; None publishes what is there. Raises StaleReview.
    """
    transitions.check(incident, Verb.PUBLISH_REVIEW, actor)
    review = Review.objects.filter(incident=incident).first()
    if review is None or not review.summary.strip():
        raise Invalid({"summary": _("Write the summary first.")})
    if review.published_at is not None:
        raise Invalid({"summary": _("This review is published already.")})
    _expect(incident, review, version)
    _write(incident, review, published_at=at)
    return persist.write(
        incident,
        kind=EntryKind.REVIEW_PUBLISHED,
        actor=actor,
        at=at,
        changes={"root_cause": review.root_cause} if review.root_cause else {},
        data={"review": review.pk, "sha256": ledger.digest_of_review(review)},
    )
