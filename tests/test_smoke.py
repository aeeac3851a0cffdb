import pytest
from django.test import Client


@pytest.mark.django_db
def test_readyz_says_ok_on_a_migrated_database(client: Client) -> None:
    response = client.get("/readyz")

    assert (response.status_code, response.content) == (200, b"ok\n")
