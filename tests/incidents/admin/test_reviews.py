"""Reviews are written by the verbs; follow-ups are ticked off."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from incidents import workflow
from incidents.errors import StaleReview
from incidents.models import FollowUp, Incident, MaintenanceWindow, Problem, Review
from tests.factories import NOON, TeamFactory, agent_actor
from tests.incidents.admin.conftest import Entered
from tests.incidents.api.conftest import caller

INLINE = {"follow_ups-TOTAL_FORMS": 0, "follow_ups-INITIAL_FORMS": 0}


def test_review_is_drafted_then_published(manager: User, incident: Incident, entered: Entered) -> None:
    client = entered(manager)
    client.post(
        reverse("admin:incidents_review_add"), {"incident": incident.pk, "summary": "Tunnels fell.", **INLINE}
    )
    review = Review.objects.get()
    drafted = review.published_at

    client.post(reverse("admin:incidents_review_publish", args=[review.pk]), {"version": review.version})

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
    client.post(reverse("admin:incidents_review_publish", args=[review.pk]), {"version": review.version})

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


# Nobody overwrites what they have not read.


def test_review_is_not_overwritten_by_who_has_not_read_it(
    manager: User, incident: Incident, entered: Entered
) -> None:
    review = Review.objects.create(incident=incident, summary="Tunnels fell.")
    client, address = entered(manager), reverse("admin:incidents_review_change", args=[review.pk])
    seen = client.get(address).context["seen"]
    client.post(address, {"summary": "Two tunnels fell.", "seen": seen, **INLINE})

    page = client.post(address, {"summary": "Mine.", "impact": "None.", "seen": seen, **INLINE})
    again = client.post(
        address, {"summary": "Both.", "impact": "None.", "seen": page.context["seen"], **INLINE}
    )

    review.refresh_from_db()
    assert page.context["adminform"].form.errors == {
        "summary": ["Somebody else changed this since you opened it. It says now: Two tunnels fell."]
    }
    assert "Mine." in page.content.decode()
    assert again.status_code == 302
    assert (review.summary, review.version) == ("Both.", 3)


def test_review_that_changed_is_not_published_unread(
    manager: User, incident: Incident, entered: Entered
) -> None:
    review = workflow.save_review(incident, actor=agent_actor(manager), fields={"summary": "Old."})
    workflow.save_review(incident, actor=agent_actor(manager), fields={"summary": "New."})
    address = reverse("admin:incidents_review_publish", args=[review.pk])

    page = entered(manager).post(address, {"version": review.version}, follow=True)

    review.refresh_from_db()
    assert "was changed by somebody else" in page.content.decode()
    assert review.published_at is None


def test_of_two_drafts_of_one_version_one_is_kept(manager: User, incident: Incident) -> None:
    by = agent_actor(manager)
    first = workflow.save_review(incident, actor=by, fields={"summary": "First."}, version=0)
    workflow.save_review(incident, actor=by, fields={"summary": "Second."}, version=first.version)

    for stale in (0, first.version):
        with pytest.raises(StaleReview, match=incident.number):
            workflow.save_review(incident, actor=by, fields={"summary": "Third."}, version=stale)

    assert Review.objects.get().summary == "Second."


def test_interface_asks_for_the_version_of_the_review(manager: User, incident: Incident) -> None:
    api, address = caller(manager), f"/api/v1/incidents/{incident.number}/review/"

    def put(text: str, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return api.put(address, {"summary": text}, format="json", headers=named)

    without = put("A")
    begun = put("B", If_None_Match="*")
    twice = put("C", If_None_Match="*")
    read = api.get(address)
    saved = put("D", If_Match=read["ETag"])
    stale = put("E", If_Match=read["ETag"])
    published = api.post(
        f"/api/v1/incidents/{incident.number}/publish_review/",
        {"version": 1},
        format="json",
        headers={"If-Match": "*"},
    )

    answers = (without, begun, twice, saved, stale, published)
    assert [answer.status_code for answer in answers] == [428, 200, 412, 200, 412, 412]
    assert (read["ETag"], saved["ETag"], saved.json()["version"]) == ('"1"', '"2"', 2)
    assert "review" in stale.json()["detail"]
    assert Review.objects.get().summary == "D"


def test_follow_ups_below_a_review_are_guarded_with_it(
    manager: User, incident: Incident, entered: Entered
) -> None:
    review = Review.objects.create(incident=incident, summary="Tunnels fell.")
    client, address = entered(manager), reverse("admin:incidents_review_change", args=[review.pk])
    seen = client.get(address).context["seen"]
    FollowUp.objects.create(review=review, text="Watch the tunnels")

    page = client.post(address, {"summary": "Tunnels fell.", "seen": seen, **INLINE})

    assert "Somebody else changed the rows below" in page.content.decode()


def row_of(kind: str, incident: Incident) -> Any:
    match kind:
        case "problem":
            return Problem.objects.create(title="Session table full")
        case "followup":
            review = Review.objects.create(incident=incident, summary="Tunnels fell.")
            return FollowUp.objects.create(review=review, text="Watch the tunnels")
        case "team":
            return TeamFactory.create(name="Old")
        case _:
            return MaintenanceWindow.objects.create(
                service=incident.service, starts_at=NOON, ends_at=NOON + timedelta(hours=1), reason="Patches"
            )


@pytest.mark.parametrize(
    ("kind", "field"),
    [("problem", "title"), ("followup", "text"), ("maintenancewindow", "reason"), ("team", "name")],
)
def test_rows_of_several_hands_are_not_overwritten_unread(
    administrator: User, incident: Incident, entered: Entered, kind: str, field: str
) -> None:
    row = row_of(kind, incident)
    client, address = entered(administrator), reverse(f"admin:incidents_{kind}_change", args=[row.pk])
    seen = client.get(address).context["seen"]
    type(row).objects.filter(pk=row.pk).update(**{field: "What they wrote"})

    page = client.post(address, {field: "What I wrote", "seen": seen})

    row.refresh_from_db()
    assert "It says now: What they wrote" in page.content.decode()
    assert getattr(row, field) == "What they wrote"
