"""Reviews are written by the verbs; follow-ups are ticked off."""

from django.contrib.auth.models import User
from django.urls import reverse

from incidents.models import FollowUp, Incident, Review
from tests.incidents.admin.conftest import Entered

INLINE = {"follow_ups-TOTAL_FORMS": 0, "follow_ups-INITIAL_FORMS": 0}


def test_review_is_drafted_then_published(manager: User, incident: Incident, entered: Entered) -> None:
    client = entered(manager)
    client.post(
        reverse("admin:incidents_review_add"), {"incident": incident.pk, "summary": "Tunnels fell.", **INLINE}
    )
    review = Review.objects.get()
    drafted = review.published_at

    client.post(reverse("admin:incidents_review_publish", args=[review.pk]))

    review.refresh_from_db()
    assert drafted is None
    assert review.published_at is not None
    assert review.written_by == manager
    assert incident.entries.filter(kind="review_published").count() == 1


def test_published_review_is_kept_as_it_is(manager: User, incident: Incident, entered: Entered) -> None:
    client = entered(manager)
    client.post(
        reverse("admin:incidents_review_add"), {"incident": incident.pk, "summary": "Tunnels fell.", **INLINE}
    )
    review = Review.objects.get()
    client.post(reverse("admin:incidents_review_publish", args=[review.pk]))

    answer = client.post(
        reverse("admin:incidents_review_change", args=[review.pk]), {"summary": "Nothing happened.", **INLINE}
    )

    review.refresh_from_db()
    assert answer.status_code == 403
    assert review.summary == "Tunnels fell."


def test_agent_writes_no_review(alice: User, entered: Entered) -> None:
    assert entered(alice).get(reverse("admin:incidents_review_add")).status_code == 403


def test_follow_ups_are_marked_as_done(alice: User, incident: Incident, entered: Entered) -> None:
    review = Review.objects.create(incident=incident, summary="Tunnels fell.", written_by=alice)
    item = FollowUp.objects.create(review=review, text="Watch the tunnels")

    entered(alice).post(
        reverse("admin:incidents_followup_changelist"), {"action": "mark_done", "_selected_action": [item.pk]}
    )

    item.refresh_from_db()
    assert item.done_at is not None
