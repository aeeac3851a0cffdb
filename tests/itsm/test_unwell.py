"""What cannot be is refused by a page, in words."""

import re

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import models
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse


@pytest.mark.parametrize(
    "address", ["/?show=%00", "/incidents/%00/", "/admin/auth/user/?q=%00", "/track/%00/"]
)
def test_address_with_a_nul_is_refused(alice: User, client: Client, address: str) -> None:
    client.force_login(alice)

    page = client.get(address)

    assert page.status_code == 400
    assert "Something in the address or in the form" in page.content.decode()


#: Of every list of the desk; `{date}` is its first column of time.
ASKED = (
    "pk__in=99999999999999999999",
    "pk__exact=-9223372036854775809",
    "pk__range=1",
    "pk__regex=(a%2B)%2B$",
    "p=99999999999999999999",
    "o=99999999999999999999.-1",
    "_to_field=",
    "nowhere__exact=1",
    "q=%F0%9F%98%80%22'",
    "{date}__gte=0001-01-01T00:00%2B14:00",
    "{date}__lt=9999-12-31T23:59-12:00",
    "{date}__year=99999",
)
#: Of every row.
ROWS = ("99999999999999999999/change/", "x/history/", "x/delete/", "-1/change/", "1/delete/?_to_field=")


@pytest.mark.django_db
def test_no_list_of_the_desk_breaks_whatever_it_is_asked(admin_client: Client) -> None:
    """The pages that only reading breaks are answered as what they are: 400, nothing found, or the list."""
    admin_client.raise_request_exception = False
    broken, asked = [], 0

    for model in admin.site._registry:
        times = [field.name for field in model._meta.fields if isinstance(field, models.DateField)]
        listed = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        words = [text.format(date=(times or [""])[0]) for text in ASKED if times or "{date}" not in text]
        for address in [*(f"{listed}?{text}" for text in words), *(listed + row for row in ROWS)]:
            asked += 1
            if admin_client.get(address).status_code >= 500:
                broken.append(address)

    assert broken == []
    assert asked > 300


@pytest.mark.django_db
@pytest.mark.parametrize(
    "days",
    ["first=0001-01-01&last=0001-02-01", "first=9999-12-01&last=9999-12-31", "first=2026-02-30&last=x"],
)
@pytest.mark.parametrize("page", ["", "&csv=1"])
def test_trends_of_days_outside_of_all_years_say_so(admin_client: Client, days: str, page: str) -> None:
    answer = admin_client.get(f"/admin/reports/trends/?period=days&{days}{page}")

    assert answer.status_code == 200
    assert 'class="errorlist' in answer.content.decode() or "aria-invalid" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["/admin/incidents/team/export/?term=x", "/admin/incidents/team/?pk__regex=x"]
)
def test_what_no_list_offers_is_refused(admin_client: Client, address: str) -> None:
    assert admin_client.get(address).status_code == 400


def test_form_of_too_many_fields_is_told_how_many_there_may_be(carol: User, client: Client) -> None:
    client.force_login(carol)

    page = client.post(
        "/incidents/new/", {f"f{n}": "" for n in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)}
    )

    assert page.status_code == 413
    assert f"at most {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS} fields" in page.content.decode()


@pytest.mark.parametrize("address", ["/nowhere/", "/?show=%00"])
def test_page_of_what_cannot_be_leads_staff_to_the_desk_and_others_home(
    address: str, alice: User, carol: User, client: Client
) -> None:
    def ways(user: User) -> list[bool]:
        client.force_login(user)
        main = client.get(address).content.decode().partition("<main")[2]
        return [f'href="{reverse(name)}"' in main for name in ("admin:index", "portal:home")]

    assert (ways(alice), ways(carol)) == ([True, True], [False, True])


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500", "503", "507"])
def test_page_of_what_broke_has_its_pictures_without_a_request(name: str) -> None:
    page = render_to_string(f"{name}.html")

    shown = set(re.findall(r'href="#(i-[\w-]+)"', page))
    assert shown
    assert shown <= set(re.findall(r'<symbol id="(i-[\w-]+)"', page))
