"""One desk with everything that is somebody's secret, each piece of it with a word of its own."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from incidents import workflow
from incidents.enums import Channel, Severity, Via
from incidents.models import (
    Alert,
    Anchor,
    ApiToken,
    Calendar,
    Category,
    ClosedDay,
    ConfigurationItem,
    Desk,
    FollowUp,
    HeldForm,
    Incident,
    IngestEvent,
    LedgerCheck,
    Location,
    MaintenanceWindow,
    PriorityRule,
    Problem,
    Profile,
    Removal,
    Service,
    SetAside,
    Source,
    Tally,
    Target,
    Team,
    hash_of_key,
)
from incidents.policies import Actor
from incidents.tracking import tracking_token
from notifications.delivery.announce import announce_pending
from notifications.delivery.queue import enqueue_mail
from notifications.models import (
    ChannelPause,
    Delivery,
    Endpoint,
    InboundMail,
    OptOut,
    Subscription,
    Suppression,
)
from notifications.rendering.links import stop_url
from reports import lifecycle, periods
from reports.content.compose import compose
from reports.metrics.scope import Scope
from reports.models import Report, Schedule

#: Everybody who may come, the first ones from outside the desk. `left` is switched off.
PEOPLE = ("olga", "walt", "rita", "alice", "hanna", "lea", "audrey", "mary", "ada", "left")
ROLES = {
    "alice": "Agent",
    "hanna": "Agent",
    "lea": "Team lead",
    "audrey": "Auditor",
    "mary": "Incident manager",
    "ada": "Administrator",
}
#: Programs: a token of Hanna's that may only read, and one of hers that was revoked.
PROGRAMS = ("token", "revoked")
CALLERS = ("nobody", *PEOPLE, *PROGRAMS)

ALL = frozenset({"audrey", "mary", "ada"})
#: Who may read what the requester's side may read of the confidential incident; and what the desk writes.
SECRET = ALL | {"olga", "walt", "hanna", "token"}
SECRET_DESK = ALL | {"hanna", "token"}
DESK = SECRET_DESK | {"alice", "lea"}
#: Of an ordinary incident of Olga's.
PLAIN = DESK | {"olga"}


@dataclass(slots=True)
class Canaries:
    """Each a word that stands nowhere else, and who may read it."""

    readers: dict[str, frozenset[str]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)

    def hide(self, label: str, readers: Collection[str]) -> str:
        word = f"zq{secrets.token_hex(6)}"
        self.readers[word], self.labels[word] = frozenset(readers), label
        return word

    def seen_in(self, text: str) -> set[str]:
        """Looked for only where one can be: all begin alike."""
        return {word for word in self.readers if word in text} if "zq" in text else set()


class SharedDesk:
    """Rows by name, in `ids`; `of` says of which incident those are that come twice."""

    def __init__(self) -> None:
        self.at = timezone.now().replace(microsecond=0) - timedelta(hours=2)
        self.canaries = Canaries()
        self.people: dict[str, User] = {}
        self.keys: dict[str, str] = {}
        self.incidents: dict[str, Incident] = {}
        self.rows: dict[str, Any] = {}
        self._people()
        self._catalogue()
        self._incident("secret", SECRET, SECRET_DESK, self.rows["hr"], "hanna", is_confidential=True)
        self._incident("plain", PLAIN, DESK, self.rows["network"], "alice")
        self.incidents["third"] = workflow.open_incident(
            workflow.Report(title="Third", channel=Channel.PHONE), **self.by("alice")
        )
        self._mails_and_reports()
        self._rest()

    def by(self, login: str, via: Via = Via.ADMIN) -> dict[str, Any]:
        return {"actor": Actor(self.people[login], via), "at": self.at}

    def _people(self) -> None:
        hide = self.canaries.hide
        for login in PEOPLE:
            mail = hide(f"address of {login}", DESK | {login})
            user = User.objects.create_user(login, f"{mail}@example.com", password=None)
            user.first_name, user.last_name = login.title(), "Example"
            user.password = "md5$salt$" + hide(f"password of {login}", ())
            user.is_staff = login in ROLES
            user.save()
            if login in ROLES:
                user.groups.add(Group.objects.get(name=ROLES[login]))
            Profile.objects.create(user=user, phone=hide(f"telephone of {login}", DESK | {login}))
            self.people[login] = user
        for name, team in (("hr", "Staff matters"), ("network", "Network")):
            self.rows[name] = Team.objects.create(name=team)
        self.rows["hr"].members.add(self.people["hanna"])
        self.rows["network"].members.add(self.people["alice"], self.people["lea"])
        for name, scopes in (("token", ["read"]), ("revoked", ["read", "write"])):
            row, self.keys[name] = ApiToken.objects.create(
                user=self.people["hanna"], name=name, scopes=scopes
            )
            self.rows[name] = row
        self.rows["revoked"].delete()

    def _catalogue(self) -> None:
        self.rows["service"] = Service.objects.create(name="Payroll", team=self.rows["hr"])
        self.rows["category"] = Category.objects.create(name="Pay")
        self.rows["location"] = Location.objects.create(name="Bergen")
        item = self.canaries.hide("configuration item", DESK)
        self.rows["item"] = ConfigurationItem.objects.create(name=item, service=self.rows["service"])
        problem = self.canaries.hide("problem", DESK)
        self.rows["problem"] = Problem.objects.create(title=problem, root_cause=problem, workaround=problem)
        self.rows["calendar"] = Calendar.objects.get(name="Around the clock")
        self.rows["target"] = Target.objects.order_by("pk").first()
        self.rows["rule"] = PriorityRule.objects.order_by("pk").first()
        self.rows["window"] = MaintenanceWindow.objects.create(
            service=self.rows["service"],
            starts_at=self.at,
            ends_at=self.at + timedelta(hours=9),
            reason="Patches",
        )
        ClosedDay.objects.create(calendar=self.rows["calendar"], day="2040-12-24")
        self.keys["source"] = "a-key-that-monitoring-sends-along"
        self.rows["source"] = Source.objects.create(
            name="Watch",
            team=self.rows["network"],
            key_hash=hash_of_key(self.keys["source"]),
            key_hint="a-key-",
        )

    def _incident(
        self, name: str, public: frozenset[str], desk: frozenset[str], team: Team, agent: str, **report: Any
    ) -> None:
        def hide(label: str, readers: Collection[str] = desk) -> str:
            return self.canaries.hide(f"{name}: {label}", readers)

        def file(label: str, readers: frozenset[str]) -> SimpleUploadedFile:
            return SimpleUploadedFile(f"{hide(label + ' name', readers)}.txt", hide(label, readers).encode())

        incident = workflow.open_incident(
            workflow.Report(
                title=hide("title", public), description=hide("description", public) + " as told at once",
                requester=self.people["olga"], channel=Channel.PHONE, team=team,
                service=self.rows["service"], category=self.rows["category"], **report,
            ),
            **self.by(agent),
            attachments=[file("public file", public)],
        )  # fmt: skip
        self.incidents[name] = incident
        act = self.by(agent)
        workflow.assign(incident, assignee=self.people[agent], note=hide("note to the team"), **act)
        if name == "secret":
            workflow.watch(incident, user=self.people["walt"], **act)
        workflow.comment(incident, text=hide("reply", public), **act)
        workflow.note(incident, text=hide("note"), attachments=[file("internal file", desk)], **act)
        workflow.add_evidence(
            incident, kind="log", title=hide("evidence"), source=hide("its source"), content=hide("its text"),
            **act,
        )  # fmt: skip
        workflow.add_hypothesis(incident, text=hide("hypothesis"), **act)
        workflow.record_root_cause(incident, text=hide("root cause"), **act)
        workflow.plan_action(incident, kind="patch", summary=hide("plan"), reference=hide("reference"), **act)
        workflow.assess_severity(incident, severity=Severity.SEV2, reason=hide("severity"), **act)
        workflow.edit(incident, changes={"configuration_item": self.rows["item"]}, **act)
        boss = self.by("mary")
        fields = {"summary": hide("review"), "root_cause": hide("review cause")}
        review = workflow.save_review(incident, actor=boss["actor"], fields=fields)
        files = list(incident.entries.exclude(attachments=None).order_by("seq"))
        alert = hide("alert")
        self.rows |= {
            f"review {name}": review,
            f"followup {name}": FollowUp.objects.create(review=review, text=hide("follow-up")),
            f"file {name}": files[0].attachments.get(),
            f"internal file {name}": files[1].attachments.get(),
            f"alert {name}": Alert.objects.create(
                source=self.rows["source"], dedup_key=f"{name}-disk", incident=incident, title=alert,
                description=hide("alert text"), facts={"host": hide("alert label")},
                started_at=self.at, last_seen_at=self.at,
            ),
            f"ingestevent {name}": IngestEvent.objects.create(
                source=self.rows["source"], received_at=self.at, status="done",
                payload={"text": hide("received alert")},
                decisions=[{"key": "disk", "outcome": "opened", "incident": incident.number}],
            ),
            f"inboundmail {name}": InboundMail.objects.create(
                message_id=f"<{name}@example.com>", digest=name, received_at=self.at, incident=incident,
                sender="somebody@example.com", subject=hide("mail subject"), text=hide("mail text"),
                outcome="refused", raw=raw_mail(hide("raw mail"), hide("mail file")),
            ),
            f"optout {name}": OptOut.objects.create(user=self.people["lea"], incident=incident),
            f"setaside {name}": SetAside.objects.create(
                job=f"clocks {name}", row_id=incident.pk, label=self.canaries.hide("set aside", ALL),
                error=self.canaries.hide("its error", ALL), since=self.at, retry_at=self.at,
            ),
        }  # fmt: skip
        self.keys[f"track {name}"] = tracking_token(incident, self.people["olga"], at=timezone.now())

    def _mails_and_reports(self) -> None:
        announce_pending(lambda: self.at)
        for name, readers in (("secret", SECRET_DESK), ("plain", DESK)):
            mail = Delivery.objects.filter(incident=self.incidents[name]).order_by("pk").first()
            assert mail is not None, list(SetAside.objects.values_list("job", "label", "error"))
            for part in ("subject", "text", "html", "last_text"):
                setattr(mail, part, self.canaries.hide(f"{name}: {part} of a sent mail", readers))
            mail.status, mail.ambiguous = "dead", 1
            mail.save()
            self.rows[f"delivery {name}"] = mail
            self.keys[f"stop {name}"] = stop_url(mail).rstrip("/").rpartition("/")[2]
        week = periods.previous(periods.week_of(self.at.date(), periods.ZoneInfo("UTC")))
        for name, readers in (("secret", ALL), ("plain", ALL | {"lea"})):
            scope = Scope(with_confidential=name == "secret")
            report = lifecycle.order(week, scope, at=self.at)
            word = self.canaries.hide(f"report {name}", readers)
            line = {"name": word, "now": 1, "before": 0, "verdict": "normal", "p": None}
            content = {**compose(week, scope, at=self.at), "services": [line]}
            Report.objects.filter(pk=report.pk).update(content=content, made_at=self.at)
            self.rows[f"report {name}"] = report
            self._mail(f"report:{report.pk}", "mary", self.canaries.hide(f"mail of report {name}", readers))
        self._mail(f"mail-test:{self.people['ada'].pk}:1", "ada", self.canaries.hide("mail test", {"ada"}))
        self.rows["schedule"] = Schedule.objects.create(name="Weekly", since=self.at)

    def _mail(self, key: str, to: str, word: str) -> None:
        enqueue_mail(key=key, recipients=[self.people[to]], subject=word, text=word, html=word, at=self.at)
        self.rows[key.partition(":")[0]] = Delivery.objects.get(key=key)
        Delivery.objects.filter(key=key).update(status="failed", last_text=word)

    def _rest(self) -> None:
        hide = self.canaries.hide
        self.rows["homeless mail"] = InboundMail.objects.create(
            message_id="<lost@example.com>", received_at=self.at, sender="lost@example.com",
            subject=hide("lost mail", {"lea", "mary", "ada"}), text=hide("its text", {"lea", "mary", "ada"}),
            outcome="refused",
        )  # fmt: skip
        self.rows["endpoint"] = Endpoint.objects.create(
            name="Listener",
            url=f"https://example.com/{hide('address of a webhook', {'audrey', 'ada'})}",
            owner=self.people["ada"],
        )
        self.rows["held"] = HeldForm.objects.create(
            user=self.people["olga"], path="/incidents/new/", page="/incidents/new/", held_at=self.at,
            fields={"title": [hide("held form", {"olga"})]},
        )  # fmt: skip
        self.rows["subscription"] = Subscription.objects.create(
            user=self.people["olga"], service=self.rows["service"]
        )
        self.rows["suppression"] = Suppression.objects.create(address="bounced@example.com")
        self.rows["pause"] = ChannelPause.objects.create(channel="webhook", reason="x", since=self.at)
        self.rows["tally"] = Tally.objects.create(
            kind="address", subject=hide("who is locked out", ALL), count=20, allowed=10,
            ends_at=self.at + timedelta(days=1),
        )  # fmt: skip
        seal = {"digest": "0" * 64, "key": "0", "seal": "0" * 64}
        self.rows["anchor"] = Anchor.objects.create(
            number=999, at=self.at, rows=1, lines=hide("sealed page", {"audrey", "ada"}), **seal
        )
        self.rows["ledgercheck"] = LedgerCheck.objects.create(
            began_at=self.at, ended_at=self.at, incidents=1, entries=1, breaches=1,
            lines=[hide("breach of the ledger", {"audrey", "ada"})],
        )  # fmt: skip
        self.rows["removal"] = Removal.objects.create(kind="events", at=self.at)
        self.rows["desk"] = Desk.current()
        self.rows["user"] = self.people["olga"]
        self.rows["group"] = Group.objects.get(name="Agent")
        self.rows["team"] = self.rows["hr"]
        self.rows["kind"] = ContentType.objects.get_for_model(Incident)


def raw_mail(word: str, file: str) -> bytes:
    return (
        b"From: somebody@example.com\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain\r\n\r\n" + word.encode() + b"\r\n"
        b"--b\r\nContent-Type: text/plain\r\n"
        b'Content-Disposition: attachment; filename="a.txt"\r\n\r\n' + file.encode() + b"\r\n--b--\r\n"
    )
