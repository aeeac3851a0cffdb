"""Templates that a person can read: short lines, and one block a line."""

import re
from collections.abc import Iterator

from tests.architecture.sources import ROOT

FOLDER = ROOT / "templates"
LONGEST = 120
BLOCK = re.compile(
    r"<(?:article|aside|dd|details|div|dl|dt|fieldset|figure|footer|form|h[1-6]|header|li|main|nav|ol|p|section|table"
    r"|tbody|td|tfoot|th|thead|tr|ul)\b"
)
#: A sentence cannot be broken without becoming another one for translators, nor can a tag of Django's.
UNBROKEN = re.compile(r"\s*\{% [^%]+ %\}")
#: Written before the rule, and still to be rewritten: one that is comes off the list, none comes on it.
WAITING = {
    "400.html",
    "503.html",
    "admin/app_index.html",
    "admin/base_site.html",
    "admin/change_list.html",
    "admin/incidents/apitoken/change_form.html",
    "admin/incidents/apitoken/key.html",
    "admin/incidents/desk/change_form.html",
    "admin/incidents/incident/actions.html",
    "admin/incidents/incident/bulk.html",
    "admin/incidents/incident/change_form.html",
    "admin/incidents/incident/change_list.html",
    "admin/incidents/incident/telephone.html",
    "admin/incidents/incident/transition.html",
    "admin/incidents/review/change_form.html",
    "admin/incidents/review/publish.html",
    "admin/incidents/source/_path.html",
    "admin/incidents/source/change_form.html",
    "admin/incidents/source/key.html",
    "admin/incidents/source/rotate.html",
    "admin/index.html",
    "admin/login.html",
    "admin/nav_sidebar.html",
    "incidents/desk/alerts.html",
    "incidents/desk/cells/clock.html",
    "incidents/desk/cells/owner.html",
    "ui/cells/person.html",
    "incidents/desk/composer.html",
    "incidents/desk/files.html",
    "desk/first_steps.html",
    "ui/history_list.html",
    "desk/keys.html",
    "ui/logo.html",
    "incidents/desk/news.html",
    "desk/tables.html",
    "desk/usertools.html",
    "desk/words.html",
    "incidents/api/docs.html",
    "incidents/portal/_field.html",
    "incidents/portal/_next.html",
    "incidents/portal/_steps.html",
    "incidents/portal/base.html",
    "incidents/portal/incident.html",
    "incidents/portal/password.html",
    "incidents/portal/report.html",
    "incidents/portal/track.html",
    "notifications/admin/cancel.html",
    "notifications/admin/delivery.html",
    "notifications/admin/letter.html",
    "notifications/admin/outbox.html",
    "notifications/admin/received.html",
    "notifications/follow.html",
    "ui/mail/base.html",
    "notifications/mail/buttons.html",
    "notifications/mail/incident.html",
    "notifications/mail/service/body.html",
    "notifications/service_state.html",
    "reports/body.html",
    "reports/by_priority.html",
    "reports/changed.html",
    "reports/report.html",
    "reports/report_list.html",
    "reports/schedule_form.html",
    "reports/tile.html",
    "reports/top.html",
    "reports/trends.html",
    "reports/volume.html",
    "reports/waiting.html",
}


def crowded(text: str) -> Iterator[int]:
    """Numbers of lines on which more than one block begins."""
    for number, line in enumerate(text.splitlines(), start=1):
        if len(BLOCK.findall(line)) > 1:
            yield number


def too_long(text: str) -> Iterator[int]:
    for number, line in enumerate(text.splitlines(), start=1):
        if len(line) > LONGEST and not UNBROKEN.fullmatch(line):
            yield number


def test_templates_can_be_read() -> None:
    walls = {
        path.relative_to(FOLDER).as_posix()
        for path in FOLDER.rglob("*.html")
        for text in [path.read_text()]
        if [*crowded(text), *too_long(text)]
    }

    assert walls == WAITING


def test_a_wall_is_found() -> None:
    assert list(crowded("<ul><li>a</li></ul>\n<li><b>a</b> <i>b</i></li>\n<link><p>")) == [1]
    sentence = '  {% translate "' + "x" * 121 + '" %}'
    assert list(too_long(f"{'x' * 121}\n{sentence}\n{sentence}<b>{{{{ x }}}}</b>")) == [1, 3]
