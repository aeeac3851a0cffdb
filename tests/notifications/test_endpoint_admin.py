import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from notifications.models import Endpoint

pytestmark = pytest.mark.django_db


def test_secret_of_a_webhook_is_shown_once(client: Client, bob: User) -> None:
    client.force_login(User.objects.create_superuser("boss"))
    facts = {"name": "Chat", "url": "https://example.com/", "owner": bob.pk, "kinds": ["opened", "resolved"]}

    page = client.post(reverse("admin:notifications_endpoint_add"), facts, follow=True).content.decode()

    endpoint = Endpoint.objects.get()
    assert endpoint.kinds == ["opened", "resolved"]
    assert endpoint.shown_secret() in page
    again = client.get(reverse("admin:notifications_endpoint_change", args=[endpoint.pk])).content.decode()
    assert endpoint.shown_secret() not in again


def test_rotated_secret_is_another(client: Client, bob: User) -> None:
    client.force_login(User.objects.create_superuser("boss"))
    endpoint = Endpoint.objects.create(name="Chat", url="https://example.com/", owner=bob)
    before = endpoint.secret()

    client.post(
        reverse("admin:notifications_endpoint_changelist"),
        {"action": "rotate", "_selected_action": [endpoint.pk]},
    )

    endpoint.refresh_from_db()
    assert endpoint.secret() != before
    assert endpoint.secret(endpoint.generation - 1) == before
