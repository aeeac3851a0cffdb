"""Badges, people and charts, as templates call them."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils import timezone, translation

from incidents import workflow
from incidents.enums import HoldReason
from incidents.models import Clock, Incident
from itsm.ui.drawing import round_up
from itsm.ui.templatetags.charts import bars_chart, history, lines_chart, small_chart, sparkline
from itsm.ui.templatetags.icons import ICONS, symbol
from tests.factories import NOON, agent_actor


def drawn(source: str, **context: Any) -> str:
    return Template("{% load ui badges %}" + source).render(Context(context))


def words(html: str) -> str:
    return re.sub(r"<[^>]+>", "", html).strip()


@pytest.mark.parametrize("name", ICONS)
def test_every_meaning_has_a_drawing(name: str) -> None:
    assert symbol(name).startswith(f'<symbol id="i-{name}"')


def test_sprite_holds_what_the_page_used_and_what_badges_need() -> None:
    request = RequestFactory().get("/")

    page = drawn("{% icon 'printer' %}".replace("printer", "print") + "{% icon_sprite %}", request=request)

    assert '<use href="#i-print">' in page
    assert 'id="i-print"' in page
    assert 'id="i-late"' in page
    assert 'id="i-rss"' not in page


def test_unknown_icon_is_refused() -> None:
    with pytest.raises(TemplateSyntaxError, match="unicorn"):
        drawn("{% icon 'unicorn' %}")


@pytest.mark.parametrize(
    ("level", "word"), [(1, "Critical"), (2, "High"), (3, "Moderate"), (4, "Low"), (5, "Planning")]
)
def test_priority_says_its_word(level: int, word: str) -> None:
    assert words(drawn("{% priority level %}", level=level)) == word


def test_state_says_what_it_waits_for() -> None:
    html = drawn("{% state value reason %}", value="on_hold", reason="vendor")

    assert words(html) == "On hold · vendor"
    assert 'title="Waiting for a vendor"' in html


def test_running_clock_counts_down(incident: Incident) -> None:
    clock = incident.clocks.get(metric="resolve")
    assert clock.due_at is not None

    html = drawn("{% sla clock %}", clock=clock, now=clock.due_at - timedelta(minutes=126))

    assert words(html) == "2 h 06 min left"
    assert f'data-due="{int(clock.due_at.timestamp())}"' in html
    assert 'class="sla ok"' in html


@pytest.mark.parametrize(
    ("minutes", "tone", "text"),
    [(30, "warn", "30 min left"), (-34, "late", "34 min late"), (-1560, "late", "1 d 2 h late")],
)
def test_countdown_turns_amber_then_red(minutes: int, tone: str, text: str) -> None:
    html = drawn("{% sla due %}", due=NOON + timedelta(minutes=minutes), now=NOON)

    assert words(html) == text
    assert f'class="sla {tone}"' in html


def test_clock_on_hold_does_not_tick(incident: Incident, alice: User) -> None:
    workflow.hold(incident, actor=agent_actor(alice), at=NOON, reason=HoldReason.VENDOR)

    html = drawn("{% sla clock %}", clock=incident.clocks.get(metric="resolve"))

    assert words(html) == "Paused"
    assert "data-due" not in html


@pytest.mark.parametrize(("breached", "word"), [(False, "Met"), (True, "Missed")])
def test_stopped_clock_says_how_it_ended(breached: bool, word: str) -> None:
    clock = Clock(metric="resolve", stopped_at=NOON, breached=breached)

    assert words(drawn("{% sla clock %}", clock=clock)) == word


def test_no_clock_draws_nothing() -> None:
    assert drawn("{% sla clock %}", clock=None) == ""


def test_people_are_called_by_name(alice: User) -> None:
    assert drawn("{{ who|person }}, {{ who|first_name }}", who=alice) == "Alice Ames, Alice"
    assert drawn("{{ who|person:'System' }}", who=None) == "System"
    assert words(drawn("{% avatar who %}", who=alice)) == "AA"
    assert 'class="avatar none' in drawn("{% avatar who %}", who=None)


def test_names_are_escaped() -> None:
    who = User(username="x", first_name="<b>", last_name="<i>")

    assert "<b>" not in drawn("{{ who|person }}{% avatar who %}", who=who)


@pytest.mark.parametrize(
    ("back", "text"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(hours=3), "3 h ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=12), "12 days ago"),
        (timedelta(days=300), "6 May 2025"),
    ],
)
def test_ago_uses_the_unit_that_fits(back: timedelta, text: str) -> None:
    assert words(drawn("{% ago at %}", at=NOON - back, now=NOON)) == text


def test_moments_are_shown_in_the_readers_zone() -> None:
    with timezone.override("Asia/Singapore"):
        html = drawn("{% clock_time at %}", at=NOON, now=NOON)

    assert words(html) == "20:00"
    assert "20:00 +08" in html


def test_countdown_is_translatable() -> None:
    with translation.override("de"):
        assert "data-due" in drawn("{% sla due %}", due=NOON, now=NOON)


@pytest.mark.parametrize(("value", "top"), [(0, 4), (4, 4), (5, 6), (11, 20), (160, 200), (999, 1000)])
def test_axis_ends_on_a_round_number(value: float, top: float) -> None:
    assert round_up(value) == top


def test_bars_stand_for_their_values_in_both_widths() -> None:
    svg = bars_chart(["w1", "w2"], [10, 20], [5, 20], [3, 4])

    heights = re.findall(r'class="bar opened[^"]*"[^>]*height="([\d.]+)"', svg)
    assert len(heights) == 4
    assert float(heights[1]) == pytest.approx(2 * float(heights[0]), abs=0.2)
    assert svg.count("<svg") == 2
    assert "wide-chart" in svg
    assert "narrow-chart" in svg
    assert "style=" not in svg


def test_charts_leave_gaps_where_nothing_is_known() -> None:
    svg = lines_chart(["w1", "w2", "w3"], [1, None, 3], [2, None, 6])

    assert "None" not in svg
    assert lines_chart([], [], []).count("<svg") == 2
    assert "<rect" not in small_chart([None, None])
    assert sparkline([3]) == ""


def test_sparkline_names_its_values() -> None:
    assert 'aria-label="Last 3 values, from 1 to 5"' in sparkline([1, 9, 5])


def test_history_has_a_bar_a_day() -> None:
    svg = history({date(2026, 3, 1): "outage"}, "VPN", date(2026, 3, 2))

    assert svg.count("<title>") == 90
    assert "1 Mar: down" in svg
    assert svg.index("1 Mar: down") < svg.index("2 Mar: no problem")


def test_page_tells_the_script_time_and_words() -> None:
    html = Template("{% include 'desk/words.html' %}").render(Context())

    assert 'data-left="%s left"' in html
    assert 'data-hours="%(h)d h %(m)02d min"' in html
    stamp = int(re.search(r'content="(\d+)"', html).group(1))  # type: ignore[union-attr]
    assert abs(stamp - datetime.now(UTC).timestamp()) < 5
