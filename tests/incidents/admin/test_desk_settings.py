"""The one row of the desk's choices, and the teams that places name."""

from typing import Any

from django.contrib.auth.models import User

from incidents.models import Category, Desk, Location, Team
from tests.factories import CategoryFactory, LocationFactory, TeamFactory
from tests.incidents.admin.conftest import Entered
from tests.incidents.admin.test_exchange import exported, look, shared_cache

__all__ = ["shared_cache"]

PAGE = "/admin/incidents/desk/"


def form_of(page: Any, **changed: Any) -> dict[str, Any]:
    """What a browser would send back."""
    fields = page.context["adminform"].form
    values = {name: fields[name].value() for name in fields.fields}
    return {name: value for name, value in (values | changed).items() if value not in {None, False}}


def test_page_opens_the_row_itself_and_saves_it(administrator: User, network: Team, entered: Entered) -> None:
    client = entered(administrator)
    page = client.get(PAGE)

    answer = client.post(PAGE, form_of(page, default_team=network.pk, close_after_days=5))

    desk = Desk.current()
    assert (page.status_code, answer.status_code) == (200, 302)
    assert (desk.default_team, desk.close_after_days) == (network, 5)
    assert desk.history.latest().history_user == administrator


def test_page_shows_who_changed_what(administrator: User, network: Team, entered: Entered) -> None:
    client = entered(administrator)
    client.post(PAGE, form_of(client.get(PAGE), default_team=network.pk))

    history = client.get(f"{PAGE}1/history/").content.decode()

    assert "default team" in history.lower()
    assert "Network" in history
    assert "Ada Min" in history


def test_page_explains_each_field(administrator: User, entered: Entered) -> None:
    page = entered(administrator).get(PAGE)

    shown = {name for _, options in page.context["adminform"].fieldsets for name in options["fields"]}
    assert shown == {field.name for field in Desk._meta.concrete_fields} - {"id"}


def test_team_that_is_switched_off_is_refused(administrator: User, entered: Entered) -> None:
    off = TeamFactory.create(is_active=False)
    client = entered(administrator)

    answer = client.post(PAGE, form_of(client.get(PAGE), default_team=off.pk))

    assert "This team is switched off" in answer.content.decode()
    assert Desk.current().default_team is None


def test_others_read_it_and_change_nothing(lead: User, network: Team, entered: Entered) -> None:
    client = entered(lead)

    page = client.get(PAGE)
    answer = client.post(PAGE, {"default_team": network.pk})

    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()
    assert answer.status_code == 403
    assert Desk.current().default_team is None


def test_nobody_adds_or_removes_the_row(administrator: User, entered: Entered) -> None:
    client = entered(administrator)

    assert client.get(f"{PAGE}add/").status_code == 403
    assert client.post(f"{PAGE}1/delete/", {"post": "yes"}).status_code == 403
    assert Desk.objects.count() == 1


def test_missing_row_is_made_from_its_defaults(administrator: User, entered: Entered) -> None:
    Desk.objects.all().delete()

    assert entered(administrator).get(PAGE).status_code == 200


def test_list_of_teams_names_those_in_which_nobody_can_be_reached(
    lead: User, alice: User, network: Team, entered: Entered
) -> None:
    TeamFactory.create(name="Night")
    TeamFactory.create(name="Old", is_active=False)

    page = entered(lead).get("/admin/incidents/team/")

    people = {
        team.name: str(page.context["cl"].model_admin.people(team)) for team in page.context["cl"].result_list
    }
    assert people["Network"] == "1"
    assert "nobody can be reached" in people["Night"]
    assert people["Old"] == "0"


def test_team_of_categories_and_locations_travels_by_file(
    lead: User, network: Team, entered: Entered
) -> None:
    CategoryFactory.create(name="VPN", team=network)
    LocationFactory.create(name="Lisbon", team=network)
    client = entered(lead)

    out = [exported(client, model)[0]["team"] for model in ("category", "location")]
    Category.objects.update(team=None)
    Location.objects.update(team=None)
    look(client, "category", "parent,name,team,is_active\n,VPN,Network,1\n")
    look(client, "location", "name,country,time_zone,team\nLisbon,PT,Europe/Lisbon,Network\n")

    assert out == ["Network", "Network"]
    assert (Category.objects.get().team, Location.objects.get().team) == (network, network)


def test_team_of_a_category_is_chosen_on_its_page(lead: User, network: Team, entered: Entered) -> None:
    category = CategoryFactory.create(name="VPN")
    client = entered(lead)

    client.post(
        f"/admin/incidents/category/{category.pk}/change/",
        {"name": "VPN", "team": network.pk, "is_active": "on"},
    )

    category.refresh_from_db()
    assert category.team == network
