"""A form sent after its session had ended: kept for its person, given back once they are in again."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from incidents import workflow
from incidents.enums import Impact, Urgency
from incidents.models import Attachment, HeldForm, Incident, StagedFile
from incidents.unsent import holding
from tests.factories import agent_actor, make_incident
from tests.incidents.unsent.conftest import LogIn, form_token, session_ends

WORDS = "It hums, then it stops. Every morning."


def report(token: str, **changes: Any) -> dict[str, Any]:
    return {
        "csrfmiddlewaretoken": token,
        "token": str(uuid.uuid4()),
        "title": "Printer hums",
        "description": WORDS,
        "impact": Impact.HIGH.value,
        "urgency": Urgency.LOW.value,
        **changes,
    }


def test_report_sent_too_late_is_back_after_log_in_with_every_word_and_file(
    visitor: Client, carol: User, log_in: LogIn
) -> None:
    log_in(visitor, carol)
    sent = report(form_token(visitor, "/incidents/new/"), attachments=SimpleUploadedFile("hum.wav", b"mmm"))
    session_ends(visitor)

    answer = visitor.post("/incidents/new/", sent)
    log_in(visitor, carol, page=answer["Location"])
    form = visitor.get("/incidents/new/").context["form"]

    assert answer["Location"] == "/login/?next=/incidents/new/"
    assert Incident.objects.count() == 0
    assert form["title"].value() == "Printer hums"
    assert form["description"].value() == WORDS
    assert (form["impact"].value(), form["urgency"].value()) == ("1", "3")
    assert str(form["token"].value()) == sent["token"]
    assert [file.name for file in form.staged] == ["hum.wav"]


def test_report_given_back_is_sent_once_and_then_gone(visitor: Client, carol: User, log_in: LogIn) -> None:
    log_in(visitor, carol)
    sent = report(form_token(visitor, "/incidents/new/"), attachments=SimpleUploadedFile("hum.wav", b"mmm"))
    session_ends(visitor)
    visitor.post("/incidents/new/", sent)
    log_in(visitor, carol)
    page = visitor.get("/incidents/new/")
    held = HeldForm.objects.get()

    del sent["attachments"]
    again = sent | {
        "csrfmiddlewaretoken": page.context["csrf_token"],
        "unsent": held.pk,
        "kept": [file.key for file in page.context["form"].staged],
    }
    visitor.post("/incidents/new/", again)

    assert Incident.objects.get().title == "Printer hums"
    assert Attachment.objects.get().name == "hum.wav"
    assert HeldForm.objects.count() == StagedFile.objects.count() == 0
    assert visitor.get("/incidents/new/").context["form"]["title"].value() == ""


def test_words_given_back_are_there_again_until_they_are_sent(
    visitor: Client, carol: User, log_in: LogIn
) -> None:
    log_in(visitor, carol)
    sent = report(form_token(visitor, "/incidents/new/"))
    session_ends(visitor)
    visitor.post("/incidents/new/", sent)
    log_in(visitor, carol)

    visitor.get("/incidents/new/")
    reloaded = visitor.get("/incidents/new/").context["form"]

    assert reloaded["description"].value() == WORDS


def test_another_person_who_logs_in_gets_nothing(
    visitor: Client, alice: User, carol: User, log_in: LogIn
) -> None:
    log_in(visitor, carol)
    sent = report(form_token(visitor, "/incidents/new/"), attachments=SimpleUploadedFile("hum.wav", b"mmm"))
    session_ends(visitor)
    visitor.post("/incidents/new/", sent)
    log_in(visitor, alice)
    held = HeldForm.objects.get()

    page = visitor.get("/incidents/new/")
    direct = visitor.get(f"/unsent/{held.pk}/")
    key = StagedFile.objects.get().key
    token = form_token(visitor, "/incidents/new/")
    visitor.post("/incidents/new/", report(token, kept=[key], unsent=held.pk))

    assert WORDS not in page.content.decode()
    assert direct.status_code == 404
    assert Incident.objects.get().entries.get().attachments.count() == 0
    assert HeldForm.objects.get() == held
    assert held.user == carol


def test_two_people_with_words_for_one_page_get_their_own(
    visitor: Client, alice: User, carol: User, log_in: LogIn
) -> None:
    for person, title in ((alice, "Words of Alice"), (carol, "Words of Carol")):
        log_in(visitor, person)
        token = form_token(visitor, "/incidents/new/")
        session_ends(visitor)
        visitor.post("/incidents/new/", report(token, title=title))

    log_in(visitor, alice)
    form = visitor.get("/incidents/new/").context["form"]

    assert form["title"].value() == "Words of Alice"


def test_stranger_without_a_page_of_ours_leaves_nothing(visitor: Client, carol: User, log_in: LogIn) -> None:
    token = form_token(visitor, "/login/")

    answer = visitor.post("/incidents/new/", report(token, attachments=SimpleUploadedFile("a", b"x")))
    forged = visitor.post("/incidents/new/", report("x" * 64))

    assert answer["Location"] == "/login/?next=/incidents/new/"
    assert forged.status_code == 403
    assert HeldForm.objects.count() == StagedFile.objects.count() == 0


def test_form_drawn_before_a_new_log_in_is_given_back_instead_of_refused(
    visitor: Client, carol: User, log_in: LogIn
) -> None:
    log_in(visitor, carol)
    old = form_token(visitor, "/incidents/new/")
    visitor.post("/logout/", {"csrfmiddlewaretoken": old})
    log_in(visitor, carol)

    answer = visitor.post("/incidents/new/", report(old))
    form = visitor.get(answer["Location"]).context["form"]

    assert answer["Location"] == "/incidents/new/"
    assert form["description"].value() == WORDS
    assert Incident.objects.count() == 0


def test_form_of_somebody_else_is_kept_for_them_and_refused(
    visitor: Client, alice: User, carol: User, log_in: LogIn
) -> None:
    log_in(visitor, carol)
    old = form_token(visitor, "/incidents/new/")
    visitor.post("/logout/", {"csrfmiddlewaretoken": old})
    log_in(visitor, alice)

    answer = visitor.post("/incidents/new/", report(old))

    assert answer.status_code == 403
    assert "belongs to somebody else" in answer.content.decode()
    assert WORDS not in visitor.get("/incidents/new/").content.decode()
    assert HeldForm.objects.get().user == carol


def test_log_in_page_of_another_tab_leads_on_instead_of_refusing(
    visitor: Client, carol: User, log_in: LogIn
) -> None:
    log_in(visitor, carol)
    old = form_token(visitor, "/incidents/new/")
    visitor.post("/logout/", {"csrfmiddlewaretoken": old})
    log_in(visitor, carol)

    answer = visitor.post("/login/?next=/incidents/new/", {"csrfmiddlewaretoken": old, "username": "carol"})

    assert answer["Location"] == "/login/?next=/incidents/new/"
    assert visitor.get(answer["Location"])["Location"] == "/incidents/new/"


@pytest.mark.parametrize(("step", "form"), [("", "reply"), ("reopen/", "reopen"), ("cancel/", "cancel")])
def test_words_for_an_incident_are_back_on_its_page_in_their_own_form(
    visitor: Client, carol: User, incident: Incident, log_in: LogIn, step: str, form: str
) -> None:
    place = f"/incidents/{incident.number}/"
    log_in(visitor, carol)
    token = form_token(visitor, place)
    session_ends(visitor)

    sent = {"csrfmiddlewaretoken": token, "text": WORDS, "reason": WORDS}
    answer = visitor.post(place + step, sent)
    log_in(visitor, carol, page=answer["Location"])
    page = visitor.get(place)

    assert answer["Location"] == f"/login/?next={place}"
    field = "text" if form == "reply" else "reason"
    assert page.context[form][field].value() == WORDS
    others = {"reply", "reopen", "cancel"} - {form}
    assert [page.context[name].initial for name in others] == [{}, {}]
    assert incident.entries.count() == 1


def test_note_of_the_desk_is_back_as_a_note_and_says_what_is_new(
    visitor: Client, alice: User, bob: User, incident: Incident, log_in: LogIn
) -> None:
    place = f"/admin/incidents/incident/{incident.pk}/change/"
    log_in(visitor, alice, page="/admin/login/")
    token = form_token(visitor, place)
    session_ends(visitor)
    sent = {"csrfmiddlewaretoken": token, "kind": "note", "text": WORDS, "version": "1", "reference": "CHG1"}

    answer = visitor.post(place, sent)
    workflow.note(incident, actor=agent_actor(bob), at=timezone.now(), text="Mine.")
    log_in(visitor, alice, page=answer["Location"])
    page = visitor.get(place)

    composer = page.context["composer"]
    assert answer["Location"] == f"/admin/login/?next={place}"
    assert (composer.chosen, composer["text"].value(), composer["reference"].value()) == (
        "note",
        WORDS,
        "CHG1",
    )
    assert [line.entry.text for line in page.context["news"]] == ["Mine."]


def test_verb_page_is_back_with_its_words(
    visitor: Client, alice: User, incident: Incident, log_in: LogIn
) -> None:
    place = f"/admin/incidents/incident/{incident.pk}/resolve/"
    log_in(visitor, alice)
    token = form_token(visitor, place)
    session_ends(visitor)

    visitor.post(place, {"csrfmiddlewaretoken": token, "code": "fixed", "text": WORDS, "version": "1"})
    log_in(visitor, alice)
    form = visitor.get(place).context["form"]

    assert (form["code"].value(), form["text"].value()) == ("fixed", WORDS)


def test_box_that_was_cleared_comes_back_cleared(
    visitor: Client, alice: User, carol: User, log_in: LogIn
) -> None:
    hidden = make_incident(requester=carol, is_confidential=True)
    place = f"/admin/incidents/incident/{hidden.pk}/edit/"
    log_in(visitor, alice)
    alice.is_superuser = True
    alice.save()
    token = form_token(visitor, place)
    session_ends(visitor)

    visitor.post(place, {"csrfmiddlewaretoken": token, "title": "Known to all", "version": "1"})
    log_in(visitor, alice)
    form = visitor.get(place).context["form"]

    assert (form["title"].value(), form["is_confidential"].value()) == ("Known to all", False)


def test_page_that_cannot_fill_its_form_leads_to_the_words_which_can_be_sent(
    visitor: Client, alice: User, network: Any, log_in: LogIn
) -> None:
    alice.is_superuser = True
    alice.save()
    place = f"/admin/incidents/team/{network.pk}/change/"
    log_in(visitor, alice)
    token = form_token(visitor, place)
    session_ends(visitor)

    visitor.post(place, {"csrfmiddlewaretoken": token, "name": "Network & VPN", "is_active": "on"})
    log_in(visitor, alice)
    answer = visitor.get(place)
    page = visitor.get(answer["Location"])

    held = HeldForm.objects.get()
    assert answer["Location"] == f"/unsent/{held.pk}/"
    assert ("Name", "Network & VPN") in page.context["words"]
    assert f'action="{place}"' in page.content.decode()


def test_verb_that_is_not_possible_any_more_leads_to_the_words(
    visitor: Client, alice: User, bob: User, incident: Incident, log_in: LogIn
) -> None:
    place = f"/admin/incidents/incident/{incident.pk}/acknowledge/"
    hold = place.replace("acknowledge", "cancel")
    log_in(visitor, alice)
    token = form_token(visitor, hold)
    session_ends(visitor)
    visitor.post(hold, {"csrfmiddlewaretoken": token, "reason": WORDS})
    workflow.cancel(incident, actor=agent_actor(bob), at=timezone.now(), reason="Double")

    log_in(visitor, alice)
    page = visitor.get(hold, follow=True)

    assert [text for _name, text in page.context["words"]] == [WORDS]


def test_discarded_words_and_their_files_are_gone(visitor: Client, carol: User, log_in: LogIn) -> None:
    log_in(visitor, carol)
    sent = report(form_token(visitor, "/incidents/new/"), attachments=SimpleUploadedFile("hum.wav", b"mmm"))
    session_ends(visitor)
    visitor.post("/incidents/new/", sent)
    log_in(visitor, carol)
    held = HeldForm.objects.get()

    token = form_token(visitor, "/incidents/new/")
    visitor.post(f"/unsent/{held.pk}/", {"csrfmiddlewaretoken": token})

    assert HeldForm.objects.count() == StagedFile.objects.count() == 0
    assert visitor.get("/incidents/new/").context["form"]["title"].value() == ""


def test_passwords_and_tokens_are_never_held(visitor: Client, carol: User, log_in: LogIn) -> None:
    log_in(visitor, carol)
    token = form_token(visitor, "/password/")
    session_ends(visitor)

    visitor.post("/password/", {"csrfmiddlewaretoken": token, "old_password": "a", "new_password1": "b c"})
    visitor.post("/incidents/new/", report(token))

    assert "csrfmiddlewaretoken" not in HeldForm.objects.get().fields


def test_button_without_words_is_not_held(
    visitor: Client, carol: User, incident: Incident, log_in: LogIn
) -> None:
    log_in(visitor, carol)
    token = form_token(visitor, "/")
    session_ends(visitor)

    answer = visitor.post(
        f"/incidents/{incident.number}/confirm/",
        {"csrfmiddlewaretoken": token, "token": str(uuid.uuid4())},
    )

    assert answer["Location"] == f"/login/?next=/incidents/{incident.number}/"
    assert HeldForm.objects.count() == 0


def test_answer_of_one_number_is_words_too(
    visitor: Client, carol: User, incident: Incident, log_in: LogIn
) -> None:
    log_in(visitor, carol)
    token = form_token(visitor, "/")
    session_ends(visitor)

    visitor.post(f"/incidents/{incident.number}/", {"csrfmiddlewaretoken": token, "text": "12"})

    assert HeldForm.objects.get().value("text") == "12"


def test_held_forms_are_bounded_in_number_and_size(
    visitor: Client, carol: User, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "MOST_FORMS", 2)
    log_in(visitor, carol)
    token = form_token(visitor, "/incidents/new/")
    session_ends(visitor)

    for title in ("One", "Two", "Three"):
        visitor.post("/incidents/new/", report(token, title=title))
    visitor.post("/incidents/new/", report(token, title="Huge", description="x" * 1_000_001))

    assert [row.value("title") for row in HeldForm.objects.order_by("pk")] == ["Two", "Three"]


def test_characters_no_database_takes_do_not_lose_the_rest(
    visitor: Client, carol: User, log_in: LogIn
) -> None:
    log_in(visitor, carol)
    token = form_token(visitor, "/incidents/new/")
    session_ends(visitor)

    visitor.post("/incidents/new/", report(token, description="before\x00after"))

    assert HeldForm.objects.get().value("description") == "beforeafter"


def test_held_forms_know_their_age(carol: User) -> None:
    now = timezone.now()
    old, new = (
        HeldForm.objects.create(user=carol, path="/", page="/", held_at=now - timedelta(days=days))
        for days in (31, 1)
    )

    found = list(HeldForm.objects.older_than(now - timedelta(days=30)))

    assert (found, new.pk > old.pk) == ([old], True)
