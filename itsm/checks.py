"""System checks: values that would hurt in production stop the start, by name.

Errors (`itsm.E...`) stop it; warnings (`itsm.W...`) are said and left to the operator.
"""

import tempfile
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 -- Django's name for it
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from notifications.inbound.place import mailbox

SHORTEST_KEY = 50
FEWEST_LETTERS = 10
PER_PROCESS_CACHES = ("locmem.LocMemCache", "dummy.DummyCache")
BROKERS = ("filesystem", "redis", "rediss", "amqp", "amqps", "pyamqp", "memory")
Findings = Iterator[CheckMessage]


def data_dir_is_writable() -> Findings:
    try:
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.DATA_DIR):
            pass
    except OSError as error:
        yield Error(
            f"DATA_DIR {settings.DATA_DIR} cannot be written: {error.strerror}.",
            hint="Name a folder that the desk's user owns.",
            id="itsm.E001",
        )


def broker_is_known() -> Findings:
    scheme = urlsplit(settings.BROKER_URL).scheme
    if scheme not in BROKERS:
        yield Error(
            f"BROKER_URL has the unknown scheme {scheme!r}.",
            hint="Use redis://host:6379/0 or amqp://user:password@host//, or leave it out.",
            id="itsm.E002",
        )


def storage_is_known() -> Findings:
    parts = urlsplit(settings.STORAGE_URL)
    if parts.scheme != "file" or not parts.path.startswith("/"):
        yield Error(
            "STORAGE_URL must be file:///an/absolute/folder.",
            hint="On several machines, name a folder that all of them share.",
            id="itsm.E003",
        )


def proxies_are_networks() -> Findings:
    from itsm.proxies import networks  # noqa: PLC0415 -- circular import

    try:
        networks(tuple(settings.TRUSTED_PROXIES))
    except ValueError as error:
        yield Error(
            f"TRUSTED_PROXIES: {error}.",
            hint="List addresses or networks, such as 10.0.0.5,192.168.7.0/24; unix for a socket file.",
            id="itsm.E004",
        )


def mailbox_is_known() -> Findings:
    try:
        mailbox(settings.INBOUND_MAIL_URL)
    except ValueError as error:
        yield Error(
            "INBOUND_MAIL_URL names no mailbox.",
            hint=str(error),
            id="itsm.E008",
        )


def base_url_is_complete() -> Findings:
    parts = urlsplit(settings.BASE_URL)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
        yield Error(
            f"BASE_URL {settings.BASE_URL!r} is no address to put in front of a path.",
            hint="Links in mails begin with it: https://desk.example.org",
            id="itsm.E005",
        )


def secret_key_is_strong() -> Findings:
    key = settings.SECRET_KEY
    if settings.SECRET_KEY_IS_MISSING:
        yield Error(
            "SECRET_KEY is missing.",
            hint="Set it to 64 random characters and keep it: sessions and links are signed with it.",
            id="itsm.E010",
        )
    elif len(key) < SHORTEST_KEY or len(set(key)) < FEWEST_LETTERS or key.startswith("django-insecure-"):
        yield Error(
            "SECRET_KEY is weak.",
            hint=f"Use at least {SHORTEST_KEY} random characters.",
            id="itsm.E011",
        )


def hosts_are_named() -> Findings:
    if not settings.ALLOWED_HOSTS:
        yield Error(
            "ALLOWED_HOSTS is empty: every page would be refused.",
            hint="List the names people use: desk.example.org",
            id="itsm.E012",
        )
    elif "*" in settings.ALLOWED_HOSTS:
        yield Error(
            "ALLOWED_HOSTS allows any name: a forged Host header would be believed.",
            hint="List the names people use: desk.example.org",
            id="itsm.E013",
        )


def cache_is_shared() -> Findings:
    if settings.CACHES["default"]["BACKEND"].endswith(PER_PROCESS_CACHES):
        yield Error(
            "CACHE_URL names a cache that each process has to itself: they would differ.",
            hint="Leave it out for the database cache, or use redis://host:6379/1",
            id="itsm.E014",
        )


def mail_has_a_time_limit() -> Findings:
    if not settings.EMAIL_TIMEOUT:
        yield Error(
            "EMAIL_TIMEOUT is not set: a mail server that does not answer would hold a worker for ever.",
            hint="Set it to some 30 seconds.",
            id="itsm.E015",
        )


def memory_is_no_broker() -> Findings:
    if settings.BROKER_URL.startswith("memory"):
        yield Error(
            "BROKER_URL memory:// reaches no other process: no worker would ever be woken.",
            hint="Use redis:// or amqp://, or leave it out.",
            id="itsm.E016",
        )


def demo_stays_away() -> Findings:
    if settings.DEMO:
        yield Error(
            "DEMO=1 in production: the people of the demo have known passwords.",
            hint="Leave DEMO out.",
            id="itsm.E017",
        )


def a_proxy_is_trusted() -> Findings:
    if settings.HTTPS and not settings.TRUSTED_PROXIES:
        yield Error(
            "BASE_URL is https, and no proxy is trusted: every page would be redirected to itself for ever, "
            "and all visitors would count as one address.",
            hint="TRUSTED_PROXIES=10.0.0.5: where the proxy that ends TLS calls from (unix: a socket file).",
            id="itsm.E018",
        )


def address_is_https() -> Findings:
    if not settings.HTTPS:
        yield Warning(
            f"BASE_URL {settings.BASE_URL} is not https: passwords and cookies would travel in the clear.",
            hint="Serve through a proxy with a certificate and set BASE_URL=https://...",
            id="itsm.W001",
        )


def mail_goes_out() -> Findings:
    if not settings.EMAIL_URL:
        yield Warning(
            f"EMAIL_URL is not set: mails become files in {settings.MAIL_DIR} and reach nobody.",
            hint="EMAIL_URL=smtp+tls://user:password@mail.example.org:587",
            id="itsm.W002",
        )
    if settings.DEFAULT_FROM_EMAIL.rstrip(">").endswith("@localhost"):
        yield Warning(
            "DEFAULT_FROM_EMAIL is at localhost: others will refuse or not answer such mail.",
            hint="DEFAULT_FROM_EMAIL='Service desk <desk@example.org>'",
            id="itsm.W003",
        )


def broker_is_a_server() -> Findings:
    if settings.BROKER_URL.startswith("filesystem"):
        yield Warning(
            "BROKER_URL is not set: tasks are woken through files, on this machine only.",
            hint="Nothing gets lost, but use redis:// or amqp:// for more than one machine or a busy desk.",
            id="itsm.W004",
        )


def database_is_a_server() -> Findings:
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        yield Warning(
            "DATABASE_URL is not set: SQLite holds the data, for one machine and one writer at a time.",
            hint="Use postgres://user:password@host/name for several machines or a large desk.",
            id="itsm.W005",
        )


def pipeline_is_watched() -> Findings:
    if not settings.HEALTH_TOKEN:
        yield Warning(
            "HEALTH_TOKEN is not set: /health/pipeline stays shut, and nobody hears that mail is late.",
            hint="Set it to a random word and give it to your monitoring.",
            id="itsm.W006",
        )


ALWAYS = (
    data_dir_is_writable,
    broker_is_known,
    storage_is_known,
    proxies_are_networks,
    base_url_is_complete,
    mailbox_is_known,
)
IN_PRODUCTION = (
    secret_key_is_strong,
    hosts_are_named,
    cache_is_shared,
    mail_has_a_time_limit,
    memory_is_no_broker,
    demo_stays_away,
    a_proxy_is_trusted,
    address_is_https,
    mail_goes_out,
    broker_is_a_server,
    database_is_a_server,
    pipeline_is_watched,
)


@register(Tags.security)
def settings_findings(app_configs: object = None, **_kwargs: object) -> list[CheckMessage]:  # noqa: ARG001 -- Django's
    """Rules for production ask nothing of a try-out or of development."""
    rules = ALWAYS + (IN_PRODUCTION if settings.PRODUCTION else ())
    return [finding for rule in rules for finding in rule()]


def desk_has_a_default_team() -> Findings:
    """A row, so it is asked only of a database that is there and migrated."""
    from incidents.models import Desk, Team  # noqa: PLC0415 -- app ready

    try:
        team = Desk.current().default_team
        is_staffed = team is not None and Team.objects.staffed().filter(pk=team.pk).exists()
    except DatabaseError:
        return
    if team is None or not team.is_active:
        yield Warning(
            "The desk has no active default team: reports that name no service reach nobody.",
            hint="Choose one under Administration, Desk settings.",
            id="itsm.W007",
        )
    elif not is_staffed:
        yield Warning(
            f"Nobody in the default team {team.name} can be reached: its reports wait unheard.",
            hint="Put somebody into it whose account is active and has an e-mail address.",
            id="itsm.W008",
        )


@register(Tags.security, deploy=True)
def desk_findings(app_configs: object = None, **_kwargs: object) -> list[CheckMessage]:  # noqa: ARG001 -- Django's
    """Only with `--deploy`: a start must not depend on rows."""
    return list(desk_has_a_default_team())


def refuse_to_start_on_errors() -> None:
    """For the programs that no `manage.py check` precedes: the web server and the worker."""
    errors = [finding for finding in settings_findings() if finding.is_serious()]
    if errors:
        raise ImproperlyConfigured(" ".join(f"{error.id}: {error.msg} {error.hint}" for error in errors))
