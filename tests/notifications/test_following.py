"""Everybody follows services for themselves, on the status page."""

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from incidents.models import Service
from notifications.models import Subscription

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_page() -> None:
    cache.clear()


def test_person_follows_a_service_and_ceases_to(carol: User, vpn: Service, client: Client) -> None:
    client.force_login(carol)
    offered = client.get("/status/").content.decode()

    answer = client.post(f"/status/follow/{vpn.pk}/", follow=True)
    followed = answer.content.decode()
    client.post(f"/status/follow/{vpn.pk}/")
    rows = Subscription.objects.filter(user=carol, service=vpn)
    assert rows.count() == 1

    client.post(f"/status/follow/{vpn.pk}/", {"stop": "1"})

    assert "Follow VPN by e-mail" in offered
    assert "Stop following VPN" in followed
    assert answer["Cache-Control"] == "private, no-store"
    assert rows.get().valid_until is not None
    assert "Follow VPN by e-mail" in client.get("/status/").content.decode()


def test_stranger_sees_the_status_and_is_offered_nothing(vpn: Service, client: Client) -> None:
    page = client.get("/status/").content.decode()
    answer = client.post(f"/status/follow/{vpn.pk}/")

    assert "VPN" in page
    assert "Follow" not in page
    assert answer["Location"].startswith("/login/")
    assert not Subscription.objects.exists()


def test_person_without_an_address_is_offered_no_mail(carol: User, vpn: Service, client: Client) -> None:
    User.objects.filter(pk=carol.pk).update(email="")
    client.force_login(User.objects.get(pk=carol.pk))

    assert "Follow" not in client.get("/status/").content.decode()


def test_hidden_service_is_not_followed_by_its_number(carol: User, vpn: Service, client: Client) -> None:
    Service.objects.filter(pk=vpn.pk).update(is_public=False)
    client.force_login(carol)

    assert client.post(f"/status/follow/{vpn.pk}/").status_code == 404
    assert not Subscription.objects.exists()


def test_follower_of_everything_is_told_so(carol: User, vpn: Service, client: Client) -> None:
    Subscription.objects.create(user=carol)
    client.force_login(carol)

    page = client.get("/status/").content.decode()

    assert "You follow every service" in page
    assert "Follow VPN" not in page
