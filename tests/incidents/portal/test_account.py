from django.contrib.auth.models import Group, User
from django.test import Client

from incidents.lockout import WRONG_ALLOWED
from incidents.models import Incident


def log_in(client: Client, name: str, password: str, address: str = "192.0.2.1") -> int:
    """200: the form came back; 302: in."""
    response = client.post("/login/", {"username": name, "password": password}, REMOTE_ADDR=address)
    return response.status_code


def with_password(user: User, password: str = "right-7-horses") -> User:
    user.set_password(password)
    user.save()
    return user


def test_log_in_leads_requesters_home_and_the_desk_to_the_desk(
    client: Client, carol: User, alice: User
) -> None:
    with_password(carol)
    with_password(alice)

    at_home = client.post("/login/", {"username": "carol", "password": "right-7-horses"})
    client.post("/logout/")
    at_desk = client.post("/login/", {"username": "alice", "password": "right-7-horses"})

    assert (at_home["Location"], at_desk["Location"]) == ("/", "/admin/")


def test_log_in_leads_nowhere_else(client: Client, carol: User) -> None:
    with_password(carol)

    response = client.post(
        "/login/", {"username": "carol", "password": "right-7-horses", "next": "https://evil.example/"}
    )

    assert response["Location"] == "/"


def test_log_in_says_the_same_for_wrong_name_wrong_password_and_a_leaver(
    client: Client, carol: User, bob: User
) -> None:
    with_password(carol)
    with_password(bob).is_active = False
    bob.save()

    pages = [
        client.post("/login/", {"username": name, "password": password}).context["form"].non_field_errors()
        for name, password in [("carol", "wrong"), ("nobody", "wrong"), ("bob", "right-7-horses")]
    ]

    assert pages[0] == pages[1] == pages[2]


def test_ten_wrong_passwords_lock_name_and_address(client: Client, carol: User) -> None:
    with_password(carol)
    for _try in range(WRONG_ALLOWED):
        log_in(client, "carol", "wrong")

    from_here = log_in(client, "CAROL ", "right-7-horses"), log_in(client, "carol", "right-7-horses")
    from_elsewhere = log_in(client, "carol", "right-7-horses", address="192.0.2.2")

    assert from_here == (200, 200)
    assert from_elsewhere == 302


def test_names_that_do_not_exist_are_locked_alike(client: Client, db: None) -> None:
    for _try in range(WRONG_ALLOWED):
        log_in(client, "nobody", "wrong")

    response = client.post("/login/", {"username": "nobody", "password": "x"}, REMOTE_ADDR="192.0.2.1")

    assert "Too many wrong passwords" in response.content.decode()


def test_the_right_password_starts_the_count_again(client: Client, carol: User) -> None:
    with_password(carol)
    for _round in range(2):
        for _try in range(WRONG_ALLOWED - 1):
            log_in(client, "carol", "wrong")
        assert log_in(client, "carol", "right-7-horses") == 302
        client.post("/logout/")


def test_log_out_is_a_post(client: Client, carol: User) -> None:
    client.force_login(carol)

    assert client.get("/logout/")["Location"] == "/"
    assert client.get("/").status_code == 200
    assert client.post("/logout/").status_code == 302
    assert client.get("/").status_code == 302


def test_password_change_keeps_this_session_and_ends_others(client: Client, carol: User) -> None:
    with_password(carol)
    elsewhere = Client()
    elsewhere.force_login(carol)
    client.force_login(carol)

    client.post(
        "/password/",
        {
            "old_password": "right-7-horses",
            "new_password1": "left-9-camels",
            "new_password2": "left-9-camels",
        },
    )

    assert client.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302


def test_desk_and_portal_share_one_lock(client: Client, alice: User) -> None:
    with_password(alice)
    for _try in range(WRONG_ALLOWED):
        log_in(client, "alice", "wrong")

    response = client.post(
        "/admin/login/", {"username": "alice", "password": "right-7-horses"}, REMOTE_ADDR="192.0.2.1"
    )

    assert "Too many wrong passwords" in response.content.decode()


def test_desk_lets_agents_in_and_requesters_not(client: Client, alice: User, carol: User) -> None:
    with_password(alice)
    with_password(carol)
    form = {"password": "right-7-horses", "next": "/admin/"}

    refused = client.post("/admin/login/", {**form, "username": "carol"})
    accepted = client.post("/admin/login/", {**form, "username": "alice"})

    assert (refused.status_code, accepted.status_code) == (200, 302)


def test_what_an_administrator_changes_holds_at_the_next_request(
    client: Client, alice: User, incident: Incident
) -> None:
    """Password, leaving and roles: no session outlives them."""
    with_password(alice)
    desk = f"/admin/incidents/incident/{incident.pk}/change/"

    def seen() -> int:
        return client.get(desk).status_code

    client.force_login(alice)
    before = seen()
    alice.groups.clear()
    without_role = seen()
    alice.groups.add(Group.objects.get(name="Agent"))
    with_role = seen()
    User.objects.filter(pk=alice.pk).update(is_active=False)
    left = seen()
    User.objects.filter(pk=alice.pk).update(is_active=True)
    client.force_login(alice)
    back = seen()
    with_password(alice, "left-9-camels")
    other_password = seen()

    assert (before, without_role, with_role) == (200, 403, 200)
    assert (left, back, other_password) == (302, 200, 302)


def test_log_in_begins_a_session_of_its_own(client: Client, carol: User) -> None:
    with_password(carol)
    client.get("/login/")
    client.session["seen"] = "before"
    planted = client.session.session_key

    log_in(client, "carol", "right-7-horses")

    assert client.session.session_key != planted
