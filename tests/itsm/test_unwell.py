"""What cannot be is refused by a page, in words."""

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client


@pytest.mark.parametrize(
    "address", ["/?show=%00", "/incidents/%00/", "/admin/auth/user/?q=%00", "/track/%00/"]
)
def test_address_with_a_nul_is_refused(alice: User, client: Client, address: str) -> None:
    client.force_login(alice)

    page = client.get(address)

    assert page.status_code == 400
    assert "Something in the address or in the form" in page.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "asked",
    [
        {"pk__in": "99999999999999999999"},
        {"id__gte": "-99999999999999999999"},
        {"date_joined__gte": "0001-01-01 00:00+14:00"},
        {"date_joined__lt": "9999-12-31 23:59-12:00"},
    ],
)
def test_list_asked_beyond_all_bounds_refuses_or_finds_nothing(
    admin_client: Client, asked: dict[str, str]
) -> None:
    page = admin_client.get("/admin/auth/user/", asked)

    assert page.status_code in {200, 302, 400}


def test_form_of_too_many_fields_is_told_how_many_there_may_be(carol: User, client: Client) -> None:
    client.force_login(carol)

    page = client.post(
        "/incidents/new/", {f"f{n}": "" for n in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)}
    )

    assert page.status_code == 413
    assert f"at most {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS} fields" in page.content.decode()
