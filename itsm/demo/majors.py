"""The days everybody remembers: major incidents, step by step, the last of them still going on."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.contrib.auth.models import User

from incidents import workflow
from incidents.enums import (
    ActionKind,
    ActionOutcome,
    Channel,
    EvidenceKind,
    HoldReason,
    Priority,
    ResolutionCode,
    Severity,
    Verdict,
    Via,
)
from incidents.models import FollowUp, Incident, Problem, Review
from incidents.policies import Actor
from itsm.demo import files
from itsm.demo.stage import MONITORING, Stage


@dataclass
class Major:
    """One incident and its script: (minutes after opening, verb, who, what)."""

    stage: Stage
    report: workflow.Report
    opened_by: Actor
    at: datetime
    children: tuple[tuple[int, str, str], ...] = ()

    def __post_init__(self) -> None:
        self.incident = Incident()
        self.stage.later(self.at, self._open)

    def _open(self, at: datetime) -> None:
        self.incident = self.stage.open(self.report, actor=self.opened_by, at=at)

    def step(self, minute: float, verb: object, who: str, **more: object) -> None:
        self.stage.later(self.at + timedelta(minutes=minute), partial(self._step, verb, who, more))

    def _step(self, verb: Any, who: str, more: dict[str, object], at: datetime) -> None:
        actor = Actor(self.stage.people[who], Via.ADMIN if self.stage.people[who].is_staff else Via.MAIL)
        self.stage.do(verb, self.incident, actor=actor, at=at, **more)

    def guess(self, minute: float, who: str, text: str, verdict: Verdict, reason: str) -> None:
        self.step(minute, workflow.add_hypothesis, who, text=text)
        self.stage.later(
            self.at + timedelta(minutes=minute + 6), partial(self._weigh, who, text, verdict, reason)
        )

    def _weigh(self, who: str, text: str, verdict: Verdict, reason: str, at: datetime) -> None:
        guess = self.incident.hypotheses.get(text=text)
        guess.incident = self.incident
        actor = Actor(self.stage.people[who], Via.ADMIN)
        self.stage.do(workflow.weigh_hypothesis, guess, actor=actor, at=at, verdict=verdict, reason=reason)

    def child(self, minute: float, requester: User, title: str, details: str) -> None:
        self.stage.later(self.at + timedelta(minutes=minute), partial(self._child, requester, title, details))

    def _child(self, requester: User, title: str, details: str, at: datetime) -> None:
        report = workflow.Report(
            title=title,
            description=details,
            requester=requester,
            channel=Channel.PORTAL,
            service=self.report.service,
            impact=3,
            urgency=1,
        )
        child = self.stage.open(report, actor=Actor(requester, Via.PORTAL), at=at)
        lena = self.stage.of("lena")
        self.stage.later(
            at + timedelta(minutes=3),
            lambda then: self.stage.do(
                workflow.link_parent, child, actor=lena, at=then, parent=self.incident
            ),
        )

    def review(self, minute: float, who: str, words: dict[str, str], follow_ups: tuple[tuple[str, str, int, bool], ...], *, publish: bool) -> None:  # fmt: skip
        self.stage.later(
            self.at + timedelta(minutes=minute), partial(self._review, who, words, follow_ups, publish)
        )

    def _review(self, who: str, words: dict[str, str], follow_ups: tuple[tuple[str, str, int, bool], ...], publish: bool, at: datetime) -> None:  # fmt: skip  # noqa: FBT001 -- partial above names it
        actor = self.stage.of(who)
        review = workflow.save_review(self.incident, actor=actor, fields=words)
        _follow_up(review, self.stage, follow_ups, at)
        if publish:
            self.stage.do(workflow.publish_review, self.incident, actor=actor, at=at)
            self.step((at - self.at).total_seconds() / 60 + 5, workflow.close, who)


def _follow_up(
    review: Review, stage: Stage, rows: tuple[tuple[str, str, int, bool], ...], at: datetime
) -> None:
    for text, owner, days, is_done in rows:
        FollowUp.objects.create(
            review=review,
            text=text,
            owner=stage.people[owner],
            due_on=(at + timedelta(days=days)).date(),
            done_at=at + timedelta(days=days - 2) if is_done else None,
        )


def stage_majors(stage: Stage, problems: dict[str, Problem]) -> None:
    sign_in(stage)
    goods_receipts(stage, problems["lock"])
    vpn(stage, problems["vpn"])
    invoices(stage)
    labels(stage)


def sign_in(stage: Stage) -> None:
    """In the first days on this desk: over, reviewed, closed."""
    services, items = stage.catalogue.services, stage.catalogue.items
    at = (stage.now - timedelta(days=26)).replace(hour=6, minute=15, second=0, microsecond=0)
    report = workflow.Report(
        title="Sign-in unavailable: login p95 above 10 s on all nodes",
        description="Alert from monitoring. Signing in takes 30 seconds and ends with an error.",
        channel=Channel.MONITORING,
        service=services["Sign-in (SSO)"],
        configuration_item=items["sso-node-1"],
        impact=1,
        urgency=1,
        started_at=at - timedelta(minutes=3),
        detected_at=at,
    )
    case = Major(stage, report, MONITORING, at)
    ines = stage.people["ines"]
    case.step(2, workflow.acknowledge, "ines")
    case.step(3, workflow.assign, "ines", team=stage.catalogue.teams["Identity"], assignee=ines)
    case.step(4, workflow.declare_major, "amara", severity=Severity.SEV1, reason="Nobody can sign in to applications with single sign-on. Those who are signed in can go on working.")  # fmt: skip
    case.step(9, workflow.comment, "amara", text="We know that nobody can sign in and are working on it. Please stay signed in if you are. Next word from us in 20 minutes.")  # fmt: skip
    case.guess(15, "ines", "Database connections used up by hanging revocation checks", Verdict.CONFIRMED, "Thread dump: 200 of 200 wait in the check.")  # fmt: skip
    case.step(19, workflow.add_evidence, "rafael", kind=EvidenceKind.LOG, title="Thread dump of sso-node-1", source="sso-node-1", content=files.log_excerpt("sso-node-1", "waiting in OcspClient.fetch", at), covers_from=at, covers_until=at + timedelta(minutes=15))  # fmt: skip
    case.step(36, workflow.record_action, "ines", kind=ActionKind.CONFIGURATION, summary="Revocation check points to the new address of the authority.", outcome=ActionOutcome.SUCCEEDED, reference="CHG0008911", configuration_item=items["sso-node-1"], tell=True)  # fmt: skip
    case.step(
        37,
        workflow.mitigate,
        "ines",
        note="Signing in works again. If you still see an error, close the browser once.",
    )
    case.step(44, workflow.record_action, "rafael", kind=ActionKind.RESTART, summary="Restarted all three nodes, one after the other.", outcome=ActionOutcome.SUCCEEDED)  # fmt: skip
    case.step(45, workflow.resolve, "ines", code=ResolutionCode.CONFIGURATION, text="Signing in works normally since 08:51. A check of certificates asked an address that no longer answers; it asks the new one now.")  # fmt: skip
    case.step(60, workflow.record_root_cause, "ines", text="The revocation list of the certificate authority moved to a new address on the first of the month. The old one no longer refused connections but let them time out after 30 seconds; each sign-in held a database connection for that long.")  # fmt: skip
    case.review(
        5 * 1440,
        "amara",
        {
            "summary": "On Friday morning nobody could sign in for 36 minutes to any application that uses single sign-on. People who were signed in could go on working.",
            "impact": "About 2,300 people in nine offices; 300 calls at the desk.",
            "root_cause": "A moved revocation list whose old address timed out instead of refusing.",
            "contributing_factors": "The connection pool has no upper wait time. The health check uses a cached token and stayed green for nine minutes. The change of address was announced to the Platform team only.",
            "went_well": "Nairobi took over communication within four minutes.",
            "went_badly": "Nobody thought of the certificate authority for a quarter of an hour.",
        },
        (
            ("Set a 2 s limit for revocation checks", "ines", 7, True),
            ("Make the health check sign in for real", "rafael", 29, False),
            ("Announce address changes to all service owners", "amara", 10, True),
            ("Add a wait limit to the connection pool", "ines", 14, False),
        ),
        publish=True,
    )


def goods_receipts(stage: Stage, problem: Problem) -> None:
    """Two weeks ago: over, its review still a draft."""
    services, items, people = stage.catalogue.services, stage.catalogue.items, stage.people
    at = (stage.now - timedelta(days=16)).replace(hour=13, minute=20, second=0, microsecond=0)
    report = workflow.Report(
        title="No goods receipts in all plants, table MSEG locked",
        description="Trucks wait at four plants. Every posting ends with a lock message.",
        requester=people["marek"],
        channel=Channel.PHONE,
        service=services["ERP (SAP)"],
        configuration_item=items["erp-db"],
        category=stage.catalogue.categories["ERP"],
        impact=1,
        urgency=1,
        started_at=at - timedelta(minutes=15),
    )
    case = Major(stage, report, stage.of("lena"), at)
    case.step(5, workflow.assign, "lena", team=stage.catalogue.teams["ERP"], assignee=people["wei"])
    case.step(12, workflow.declare_major, "amara", severity=Severity.SEV1, reason="No plant can post goods receipts. Outgoing goods and invoices work.")  # fmt: skip
    case.guess(
        20,
        "wei",
        "Month-end valuation holds a table lock",
        Verdict.CONFIRMED,
        "Lock list shows the run since 14:02.",
    )
    case.guess(
        24, "wei", "Failed index build of last night", Verdict.REJECTED, "Ended at 03:10 without errors."
    )
    case.step(38, workflow.plan_action, "wei", kind=ActionKind.WORKAROUND, summary="Interrupt the valuation between two plants.")  # fmt: skip
    case.step(55, workflow.record_action, "wei", kind=ActionKind.WORKAROUND, summary="Valuation interrupted between two plants; it goes on at 22:00.", outcome=ActionOutcome.SUCCEEDED, tell=True)  # fmt: skip
    case.step(58, workflow.mitigate, "wei", note="Postings work again in all plants.")
    case.step(
        80, workflow.comment, "marek", text="Confirmed for Kraków, the queue of trucks is getting shorter."
    )
    case.step(150, workflow.resolve, "wei", code=ResolutionCode.WORKAROUND, text="Goods receipts can be posted. The valuation runs at night from now on.")  # fmt: skip
    case.step(160, workflow.link_problem, "amara", problem=problem)
    case.step(170, workflow.stand_down, "amara", reason="Postings have been stable for two hours.")
    case.review(
        3 * 1440,
        "amara",
        {
            "summary": "For 70 minutes no plant could post goods receipts because the month-end valuation locked the table.",
            "impact": "31 trucks waited, two deliveries missed their slot.",
        },
        (("Move the valuation run to the night", "wei", 6, True),),
        publish=False,
    )


def vpn(stage: Stage, problem: Problem) -> None:
    """An hour ago, and still going on."""
    services, items, people = stage.catalogue.services, stage.catalogue.items, stage.people
    at = stage.now - timedelta(minutes=64)
    report = workflow.Report(
        title="VPN tunnels Lisbon and Porto drop every few minutes",
        description="Since this morning the VPN throws me out every few minutes. I have to type my code again each time and the ERP window is gone.",
        requester=people["joana"],
        channel=Channel.PORTAL,
        service=services["VPN and remote access"],
        location=stage.catalogue.offices["Lisbon"],
        impact=2,
        urgency=1,
        started_at=at - timedelta(minutes=7),
    )
    case = Major(stage, report, Actor(people["joana"], Via.PORTAL), at)
    network = stage.catalogue.teams["Network"]
    case.step(3.5, workflow.edit, "lena", changes={"category": stage.catalogue.categories["VPN"], "configuration_item": items["pt-fw-01"]})  # fmt: skip
    case.step(4, workflow.assign, "lena", team=network, assignee=people["jonas"], note="Six calls from Lisbon within ten minutes.")  # fmt: skip
    case.step(5, workflow.comment, "lena", text="Thank you, Joana. I passed it to our network team with high urgency, because several of you cannot work.")  # fmt: skip
    case.step(9, workflow.override_priority, "tomas", priority=Priority.CRITICAL, reason="VAT return of the whole group is due today.")  # fmt: skip
    case.step(12, workflow.edit, "lena", changes={"impact": 1})
    case.step(13, workflow.override_priority, "tomas", priority=None, reason="The matrix says the same now.")
    offices = [*people.by_office["Lisbon"], *people.by_office["Porto"]]
    for minute, title in ((14, "VPN drops since this morning"), (17, "Remote desktop closes by itself"), (19, "VPN: code again and again"), (26, "Telephone software loses connection"), (33, "ERP window gone after VPN drop")):  # fmt: skip
        case.child(minute, offices[minute], title, "It is the same for my colleagues at the same floor.")
    case.step(31, workflow.comment, "joana", text="It is not only me, the whole accounting floor is affected. We have to submit the VAT return today before 17:00. I attach what I see when it disconnects.", attachments=[files.screenshot(stage.rng, "vpn-error.png")])  # fmt: skip
    case.step(38, workflow.declare_major, "amara", severity=Severity.SEV1, reason="Connections from Lisbon and Porto drop every few minutes. Other offices are not affected.")  # fmt: skip
    case.guess(
        40, "jonas", "Session table exhausted after failover", Verdict.LIKELY, "65,536 of 65,536 in use."
    )
    case.guess(41, "jonas", "Provider line flapping", Verdict.REJECTED, "No loss on the line since midnight.")
    case.step(45, workflow.add_evidence, "jonas", kind=EvidenceKind.LOG, title="pt-fw-01-session-table.log", source="pt-fw-01, syslog", attachment=files.log_file("pt-fw-01", "sesstab 65536/65536 in use, dropping oldest", at), covers_from=at - timedelta(minutes=10), covers_until=at + timedelta(minutes=30))  # fmt: skip
    case.step(49, workflow.note, "amara", text="The vendor confirms a known defect in 9.1.4 (session table not purged after failover). Fix in 9.1.6, no date for our model. Let us stay on fw-02 over the night and plan the upgrade as a change.")  # fmt: skip
    case.step(50, workflow.link_problem, "amara", problem=problem)
    case.step(56, workflow.record_action, "jonas", kind=ActionKind.CONFIGURATION, summary="Moved the Lisbon and Porto address pools from pt-fw-01 to pt-fw-02, 212 sessions re-established within 3 minutes.", outcome=ActionOutcome.SUCCEEDED, reference="CHG0009051", configuration_item=items["pt-fw-02"], tell=True)  # fmt: skip
    case.step(62, workflow.comment, "jonas", text="Good news first: all new connections go through the second firewall and stay up. If you were cut off, please disconnect once and connect again.\n\nWe are still looking for the cause on the first firewall, so I keep this incident open. You will hear from me within the hour.")  # fmt: skip
    for minute, who in ((21, "henrik"), (23, "aisha")):
        case.step(minute, workflow.watch, "lena", user=people[who])


def invoices(stage: Stage) -> None:
    """Nothing major: it waits for Joana's word, so that a visitor has something to confirm."""
    at = stage.now - timedelta(hours=46)
    joana = stage.people["joana"]
    report = workflow.Report(
        title="Invoice workflow: approver left the company",
        description="Invoices of our team wait for somebody who left in June.",
        requester=joana,
        channel=Channel.PORTAL,
        service=stage.catalogue.services["ERP (SAP)"],
        location=stage.catalogue.offices["Lisbon"],
        impact=3,
        urgency=2,
    )
    case = Major(stage, report, Actor(joana, Via.PORTAL), at)
    case.step(40, workflow.assign, "tomas", team=stage.catalogue.teams["ERP"], assignee=stage.people["wei"])
    case.step(60, workflow.hold, "wei", reason=HoldReason.CALLER, note="Who approves from now on?")
    case.step(150, workflow.comment, "joana", text="Rui Santos, from this month on.")
    case.step(1500, workflow.resolve, "wei", code=ResolutionCode.CONFIGURATION, text="Rui Santos is the approver now, and the waiting invoices went on to him.")  # fmt: skip


def labels(stage: Stage) -> None:
    """Nor this one: it is on hold, and its requester is asked, in the smallest company as well."""
    katrin = stage.people["katrin"]
    report = workflow.Report(
        title="Label printer prints blank labels",
        description="Since the update. Restart did not help.",
        requester=katrin,
        channel=Channel.PORTAL,
        service=stage.catalogue.services["Printing"],
        location=stage.catalogue.offices["Chemnitz"],
        impact=3,
        urgency=3,
    )
    case = Major(stage, report, Actor(katrin, Via.PORTAL), stage.now - timedelta(hours=5))
    case.step(25, workflow.assign, "pawel", team=stage.catalogue.teams["Workplace"], assignee=stage.people["pawel"])  # fmt: skip
    case.step(50, workflow.hold, "pawel", reason=HoldReason.CALLER, note="Which number is on the printer?")
