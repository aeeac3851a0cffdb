"""The policy `default-src 'self'` holds only if no page carries style or script of its own."""

from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client
from django.urls import NoReverseMatch, reverse

from tests.factories.desk_rows import add_rows

URL_ATTRIBUTES = {"src", "href", "action", "formaction", "poster", "data"}


class Breaches(HTMLParser):
    """Collects what the policy would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in named and not is_data(named)):
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name == "style" or name.startswith("on"):
                self.found.append(f"<{tag} {name}={value}>")
            if name in URL_ATTRIBUTES and (value or "").strip().lower().startswith(
                ("data:", "javascript:", "http")
            ):
                self.found.append(f"<{tag} {name}={value}>")


def is_data(attributes: dict[str, str | None]) -> bool:
    """`json_script`: never run."""
    return attributes.get("type") == "application/json"


def breaches(html: str) -> list[str]:
    parser = Breaches()
    parser.feed(html)
    return parser.found


def pages_of(model: type[Model], row: Model | None) -> Iterator[str]:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    for page in ("changelist", "add", "import"):
        try:
            yield reverse(f"{name}_{page}")
        except NoReverseMatch:
            continue
    if row is not None:
        for page in ("change", "history", "delete"):
            yield reverse(f"{name}_{page}", args=[row.pk])


@pytest.fixture
def chief(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("chief", "chief@example.com", "pw"))
    return client


@pytest.mark.parametrize(
    "html",
    [
        '<p style="color: red">',
        "<style>p {}</style>",
        "<script>alert(1)</script>",
        '<a onclick="go()">',
        '<img src="data:image/png;base64,AA">',
        '<a href="javascript:go()">',
        '<script src="https://cdn.example.com/x.js"></script>',
    ],
)
def test_breaches_are_found(html: str) -> None:
    assert len(breaches(html)) == 1


def test_no_page_of_the_admin_carries_style_or_script(chief: Client) -> None:
    add_rows(1)
    addresses = [reverse(f"admin:{name}") for name in ("index", "tables", "password_change")]
    for model in admin.site._registry:
        addresses += pages_of(model, model._default_manager.order_by("pk").first())

    found, unread = {}, []
    for address in addresses:
        page = chief.get(address)
        text = page.content.decode()
        if page.status_code == 200 and (bad := breaches(text)):
            found[address] = bad
        if " object at 0x" in text:
            unread.append(address)

    assert found == {}
    assert unread == [], "a value that nobody gave words is no text for people"
    assert len(addresses) > 100


def test_log_in_page_carries_no_style_or_script(db: None) -> None:
    page = Client().get(reverse("admin:login"))

    assert breaches(page.content.decode()) == []
    assert "default-src 'self'" in page["Content-Security-Policy"]


def test_empty_lists_carry_no_style_or_script(chief: Client) -> None:
    addresses = [next(pages_of(model, None)) for model in admin.site._registry]

    found = {address: bad for address in addresses if (bad := breaches(chief.get(address).content.decode()))}

    assert found == {}
