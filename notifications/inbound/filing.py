"""A believed answer goes onto its incident, with its files, by the verbs that every door uses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from incidents import limits, policies, workflow
from incidents.enums import Via
from incidents.errors import NotAllowed, StaleIncident
from incidents.models import Incident, TimelineEntry
from incidents.policies import Actor
from incidents.workflow.attaching import clean_name
from itsm.ui.names import person_name
from notifications.inbound.reading import File
from notifications.models import Delivery

if TYPE_CHECKING:
    from django.core.files.base import File as DjangoFile

TRIES = 5
#: Kept free for the sentences about files and the writer's name.
ROOM = 5_000

NO_SIGHT = gettext_noop("The sender may not see this incident any more.")


@dataclass(frozen=True, slots=True)
class Words:
    """A letter as a verb takes it: within its limits, and saying what is only in the raw mail."""

    text: str
    files: Sequence["DjangoFile[bytes] | workflow.StoredFile"]


def file(words: Words, delivery: Delivery, at: datetime) -> TimelineEntry:
    """Raises Refused. Somebody else may change the incident at the same moment: then once more."""
    attempt = 0
    while True:
        attempt += 1
        incident = Incident.objects.filter(deliveries=delivery).get()
        try:
            return _file(words, incident, delivery.recipient, at)
        except StaleIncident:
            if attempt == TRIES:
                raise


def _file(words: Words, incident: Incident, person: User | None, at: datetime) -> TimelineEntry:
    if person is None or not Incident.objects.visible_to(person).filter(pk=incident.pk).exists():
        raise NotAllowed(NO_SIGHT)
    if _reads_as_the_desk(person, incident):
        return workflow.note(
            workflow.destination(incident),
            actor=Actor(None, Via.MAIL),
            at=at,
            text=_signed(person, words.text),
            attachments=words.files,
        )
    return workflow.answer(
        incident, actor=Actor(person, Via.MAIL), at=at, text=words.text, attachments=words.files
    )


def _reads_as_the_desk(person: User, incident: Incident) -> bool:
    """A mail proves too little to speak for the desk: what comes back from there stays inside, unsigned."""
    return policies.sees_internal(person) and person.pk != incident.requester_id


def _signed(person: User, text: str) -> str:
    who = f"{person_name(person)} <{person.email}>"
    return _("From %(writer)s, by e-mail (not proven):") % {"writer": who} + f"\n\n{text}"


def fitted(text: str, files: Sequence[File]) -> Words:
    """What is too long goes along whole, as a file; what is too large or too much stays in the raw mail."""
    taken: list[File] = []
    said: list[str] = []
    if len(text) > limits.TEXT - ROOM:
        taken.append(File("mail.txt", "text/plain", text.encode()))
        text = text[: limits.TEXT - ROOM].rstrip() + " …"
        said.append(_("(The mail goes on; the whole text is in the file mail.txt.)"))
    left_out: list[File] = []
    for each in files:
        fits = 0 < len(each.content) <= limits.FILE_BYTES and len(taken) < limits.FILES
        (taken if fits else left_out).append(each)
    if left_out:
        names = ", ".join(clean_name(each.name) for each in left_out)[: ROOM // 2]
        said.append(_("(Not attached, but kept with the mail: %(names)s.)") % {"names": names})
    if not text and taken:
        text = _("Files were sent by e-mail, without a word.")
    return Words("\n\n".join(part for part in (text, *said) if part), [_uploaded(each) for each in taken])


def _uploaded(each: File) -> "DjangoFile[bytes]":
    upload = ContentFile(each.content, name=each.name)
    upload.content_type = each.content_type  # type: ignore[attr-defined]
    return upload
