"""Every way into the desk: each address of the resolver, each action, filter and suggestion of the admin."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from django.urls import get_resolver
from django.urls.resolvers import URLResolver

from incidents.admin.new_incident import CallForm
from incidents.admin.verb_forms.pages import FORMS as PAGES
from tests.access.bodies import EXTRA, PREPARE, Prepare, by_verb, given
from tests.access.browser import filled
from tests.access.desk import SharedDesk

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)|\(\[\^/\]\+\)")
#: Rows that there are of the confidential and of the ordinary incident.
TWICE = ("secret", "plain")
OF_INCIDENTS = {
    "review", "followup", "alert", "ingestevent", "delivery", "inboundmail", "optout", "setaside", "report",
}  # fmt: skip
#: What the rows of the other tables are called.
NAMED = {
    "configurationitem": "item", "maintenancewindow": "window", "priorityrule": "rule", "apitoken": "token",
    "channelpause": "pause",
}  # fmt: skip
NOBODY_HAS = "999999"
METHODS = {(True, "<str:number>"): "PATCH", (True, "review"): "PUT"}
#: Leaving would end the sweep; the others take nothing.
READ_ONLY = {
    "logout", "jsi18n", "history", "html", "csv", "raw", "export", "tables", "autocomplete", "outbox",
    "trends", "<path:object_id>", "admin", "login", "<str:name>", "<int:n>", "<int:file>", "status",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Way:
    """`label` is how the table names it; `body` is what is sent, None for reading."""

    label: str
    path: str
    body: Any = None
    twin: str = ""
    as_json: bool = False
    prepare: Prepare | None = None
    variant: str = ""

    @property
    def names(self) -> list[str]:
        """Numbers that its body names."""
        return [part for part in (self.body or {}).values() if str(part).startswith("INC")]

    @property
    def is_by_key(self) -> bool:
        """Whoever has the address may use it, whoever they are."""
        return self.label.split(" ")[1].startswith(("track/", "mail/stop/", "api/v1/intake/", "^v2/"))

    @property
    def is_of_a_list(self) -> bool:
        return self.label.split(" ")[1] in {"action", "filter", "search", "suggestion"}

    @property
    def method(self) -> str:
        return self.label.partition(" ")[0]


def routes(resolver: Any = None, prefix: str = "") -> Iterator[str]:
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route)
        else:
            yield route


def model_of(route: str) -> str:
    found = re.match(r"admin/\w+/(\w+)/", route)
    return found[1] if found else ""


def variants(route: str) -> tuple[str, ...]:
    """Addresses of rows that hang on an incident are tried with either one."""
    if not PARAMETER.search(route):
        return ("",)
    is_ours = (
        "<str:number>" in route or "<str:token>" in route or model_of(route) in OF_INCIDENTS | {"incident"}
    )
    return TWICE if is_ours else ("",)


#: What an address wants that is no row of its own table.
FIXED: dict[str, Callable[[SharedDesk, str, str], Any]] = {
    "token": lambda desk, route, variant: desk.keys[f"{'stop' if 'stop' in route else 'track'} {variant}"],
    "file": lambda desk, _route, variant: desk.rows[f"internal file {variant}"].pk,
    "n": lambda _desk, _route, _variant: 0,
    "key": lambda desk, _route, _variant: desk.keys["source"],
    "action": lambda _desk, _route, _variant: "close",
    "uid": lambda desk, _route, _variant: desk.rows["ingestevent secret"].uid,
    "app_label": lambda _desk, _route, _variant: "incidents",
    "content_type_id": lambda desk, _route, _variant: desk.rows["kind"].pk,
    **dict.fromkeys(("name", "slug", "alias", "url"), lambda _desk, _route, _variant: "not-found"),
}


def value(desk: SharedDesk, route: str, name: str, variant: str) -> str:
    model, incident = model_of(route), desk.incidents.get(variant)
    if name == "number":
        return incident.number if incident else desk.rows["problem"].number
    if name in FIXED:
        return str(FIXED[name](desk, route, variant))
    if name == "pk" and ("attachments/" in route or ("files/" in route and not model)):
        return str(desk.rows[f"file {variant}"].pk)
    if name == "object_id" and not model:
        return str(desk.incidents["secret"].pk)
    if model == "incident" and incident:
        return str(incident.pk)
    row = row_of(desk, route, model, variant)
    return NOBODY_HAS if row is None else str(row.pk)


def row_of(desk: SharedDesk, route: str, model: str, variant: str) -> Any:
    if route.startswith("unsent/"):
        return desk.rows["held"]
    if route.startswith("status/"):
        return desk.rows["service"]
    if route.startswith("api/v1/reports/"):
        return desk.rows["report secret"]
    name = NAMED.get(model, model)
    return desk.rows.get(f"{name} {variant}" if variant else name)  # none of what only a sweep writes


def address(desk: SharedDesk, route: str, variant: str, *, twin: bool = False) -> str:
    """With `twin`, of a row that nobody has."""

    def put(found: re.Match[str]) -> str:
        name = found[1] or found[2] or ""
        if not name:  # simple_history: the row, then one of its versions
            name = "object_id"
        if twin and name in {"number", "object_id", "pk", "file", "report_id"}:
            return f"INC0{NOBODY_HAS}" if name == "number" and variant else NOBODY_HAS
        return value(desk, route, name, variant)

    path = PARAMETER.sub(put, re.sub(r"(?<![\[(])\^|\$|/\?", "", route.replace(".*", "not-found")))
    return "/" + path.replace("(?P<url>not-found)", "nowhere")


def by_address(desk: SharedDesk, page: Callable[[str], str]) -> Iterator[Way]:
    """`page` is what somebody who may do everything reads there: its form is what a browser would send."""
    for route in routes():
        for variant in variants(route):
            mark = f" [{variant}]" if variant else ""
            path = address(desk, route, variant)
            twin = address(desk, route, variant, twin=True) if variant == "secret" else ""
            yield Way(f"GET {route or '/'}{mark}", path, twin=twin)
            last = last_of(route)
            body = sent_to(desk, route, variant, page(path) if takes_a_form(route) else "")
            if body is not None:
                method = METHODS.get((route.startswith("api/"), last), "POST")
                files = any(isinstance(part, SimpleUploadedFile) for part in body.values())
                as_json = route.startswith(("api/", "^v2")) and not files
                label = f"{method} {route or '/'}{mark}"
                yield Way(label, path, body, twin, as_json, PREPARE.get(last.replace("-", "_")), variant)


def last_of(route: str) -> str:
    return route.rstrip("/?$").rpartition("/")[2]


def takes_a_form(route: str) -> bool:
    if route.startswith(("api/", "^", "admin/^", "admin/(")) or last_of(route) in READ_ONLY:
        return False
    return not (route.startswith("admin/") and route.count("/") == 3)  # lists have their actions


def sent_to(desk: SharedDesk, route: str, variant: str, html: str) -> dict[str, Any] | None:
    last = last_of(route)
    if route.startswith("api/"):
        return by_verb(desk, last, variant)
    if not takes_a_form(route):
        return None
    return {**filled(html, given(desk, variant)), **EXTRA.get(last, {})}


def by_list(desk: SharedDesk) -> Iterator[Way]:
    """Actions, filters and the search of each list."""
    asked = RequestFactory().get("/")
    asked.user = desk.people["ada"]
    asked.user.is_superuser = True
    for model, page in admin.site._registry.items():
        app, table = model._meta.app_label, str(model._meta.model_name)
        name, path = f"{app}.{table}", f"/admin/{app}/{table}/"
        for action in page.get_actions(asked):
            for variant in TWICE if table in OF_INCIDENTS | {"incident"} else ("",):
                row = value(desk, path[1:] + "<pk>", "pk", variant)
                body = {"action": action, ACTION_CHECKBOX_NAME: [row], "index": "0", "select_across": "0"}
                body |= {"apply": "1", **given(desk, variant)}
                mark = f" [{variant}]" if variant else ""
                yield Way(f"POST action {name} {action}{mark}", path, body)
        for spec in page.get_list_filter(asked):
            shown = (
                spec if isinstance(spec, str) else spec[0] if isinstance(spec, tuple) else spec.parameter_name
            )
            yield Way(f"GET filter {name} {shown}", f"{path}?{chosen(desk, model, page, spec, shown)}")
        if page.get_search_fields(asked):
            yield Way(f"GET search {name}", f"{path}?q=zq")
    asked.user.is_superuser = False


def chosen(desk: SharedDesk, model: Any, page: Any, spec: Any, shown: str) -> str:
    if isinstance(spec, str | tuple):
        field = model._meta.get_field(shown)
        if field.is_relation:
            return f"{shown}__id__exact={desk.rows.get(shown, desk.rows['team']).pk}"
        if field.get_internal_type() == "BooleanField":
            return f"{shown}__exact=1"
        return f"{shown}__exact={field.choices[0][0] if field.choices else 'x'}"
    found = getattr(spec, "table", "")
    return f"{shown}={desk.rows[found].pk if found else 'yes'}"


def by_suggestion() -> Iterator[Way]:
    """Whatever a form of the desk lets one look up while typing."""
    fields = {("incidents", "review", "incident")}
    for model, page in admin.site._registry.items():
        for part in (page, *page.inlines):
            table, names = getattr(part, "model", model), part.autocomplete_fields
            fields |= {(table._meta.app_label, str(table._meta.model_name), name) for name in names}
    for form in (*PAGES.values(), CallForm):
        columns = (getattr(field.widget, "field", None) for field in form.base_fields.values())
        fields |= {("incidents", "incident", column.name) for column in columns if column is not None}
    for app, table, name in sorted(fields):
        query = f"app_label={app}&model_name={table}&field_name={name}&term="
        yield Way(f"GET suggestion {app}.{table}.{name}", f"/admin/autocomplete/?{query}")


def every_way(desk: SharedDesk, page: Callable[[str], str]) -> list[Way]:
    return [*by_address(desk, page), *by_list(desk), *by_suggestion()]
