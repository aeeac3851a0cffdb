"""The key of an alert source: shown once, kept as a hash, made anew on demand."""

from django.contrib.auth.models import User
from django.urls import reverse

from incidents.models import Source, hash_of_key
from tests.incidents.admin.conftest import Entered

FORM = {"name": "Prometheus", "kind": "alertmanager", "is_active": "on"}


def test_new_source_shows_its_key_once(administrator: User, entered: Entered) -> None:
    client = entered(administrator)

    page = client.post(reverse("admin:incidents_source_add"), FORM)

    source = Source.objects.get()
    key = page.context["key"]
    assert source.key_hash == hash_of_key(key)
    assert page.content.decode().count(key) == 2  # in the address and by itself
    assert "no-store" in page["Cache-Control"]
    again = client.get(reverse("admin:incidents_source_change", args=[source.pk])).content.decode()
    assert key not in again
    assert f"{key[:6]}…" in again


def test_asking_for_a_new_key_changes_nothing_yet(administrator: User, entered: Entered) -> None:
    source = Source.objects.create(name="Zabbix", key_hash="a" * 64)

    page = entered(administrator).get(reverse("admin:incidents_source_key", args=[source.pk]))

    source.refresh_from_db()
    assert "stops working at once" in page.content.decode()
    assert source.key_hash == "a" * 64


def test_new_key_replaces_the_old_one(administrator: User, entered: Entered) -> None:
    source = Source.objects.create(name="Zabbix", key_hash="a" * 64)

    page = entered(administrator).post(reverse("admin:incidents_source_key", args=[source.pk]))

    source.refresh_from_db()
    assert source.key_hash == hash_of_key(page.context["key"])


def test_auditor_makes_no_key(auditor: User, entered: Entered) -> None:
    source = Source.objects.create(name="Zabbix", key_hash="a" * 64)

    answer = entered(auditor).post(reverse("admin:incidents_source_key", args=[source.pk]))

    source.refresh_from_db()
    assert answer.status_code == 403
    assert source.key_hash == "a" * 64
