"""`manage.py up`: the whole desk on this machine, in the foreground. `make run` ends here."""

import http.client
import sys
import time
from argparse import ArgumentParser
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from itsm import preflight, restored, statics
from itsm.environment import place
from itsm.logs import FILE, kept_log
from itsm.management.commands import hold_deliveries
from itsm.supervisor import Child, Supervisor

WORKER_OPTIONS = ("--without-gossip", "--without-mingle", "--without-heartbeat")
READY_WITHIN = 60
#: A desk can be built without it.
DEMO = "itsm.demo"


class Command(BaseCommand):
    help = "Migrate, load the demo into an empty database, and serve web, worker and beat until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workers", type=int, default=2, help="web processes (default: 2)")
        parser.add_argument("--concurrency", type=int, default=2, help="tasks at a time (default: 2)")
        parser.add_argument(
            "--hold",
            action="store_true",
            help="first hold all deliveries, as hold_deliveries does",
        )

    def handle(self, *_args: object, workers: int, concurrency: int, hold: bool, **_options: object) -> None:
        self.begun = time.monotonic()
        self.hold = hold
        try:
            preflight.require_writable(settings.DATA_DIR)
            preflight.require_free_port(settings.HOST, settings.PORT)
            with preflight.sole_use(settings.DATA_DIR), kept_log(settings.LOG_DIR) as self.keep:
                self.prepare()
                desk = Supervisor(children(workers, concurrency), self.say, self.keep)
                self.say("Starting web, worker and beat ...")
                desk.run(once_started=self.announce)
        except preflight.Refusal as refusal:
            raise CommandError(str(refusal)) from None

    def say(self, line: str) -> None:
        self.keep(line)
        self.tell(line)

    def tell(self, text: str) -> None:
        """On the terminal only."""
        self.stdout.write(text)
        self.stdout.flush()

    def prepare(self) -> None:
        self.check(display_num_errors=False)
        with ThreadPoolExecutor(1) as aside:
            collected = aside.submit(statics.collect_if_changed)
            self.migrate()
            if settings.DEMO and apps.is_installed(DEMO) and preflight.is_empty_database():
                self.load_demo()
            if self.hold:
                hold_deliveries.hold(self.say)
            elif restored.hold_if_restored():
                self.say(f"This database was restored. {hold_deliveries.WHAT_NOW}")
            collected.result()

    def migrate(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.say("Migrating the database ...")
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)

    def load_demo(self) -> None:
        if not preflight.is_loopback(settings.HOST):
            message = "The demo has known passwords. Start with DEMO=0, or leave HOST at 127.0.0.1."
            raise preflight.Refusal(message)
        self.say("Loading the demo (once, under a minute) ...")
        call_command("demo", verbosity=0, stdout=self.stdout)

    def announce(self) -> None:
        self.wait_until_ready()
        seconds = time.monotonic() - self.begun
        mail = settings.EMAIL_URL and urlsplit(settings.EMAIL_URL).hostname
        self.say(f"Ready in {seconds:.0f} s. Ctrl-C stops all of it.")
        self.tell(
            f"\n"
            f"  Portal   {settings.BASE_URL}/\n"
            f"  Desk     {settings.BASE_URL}/admin/\n"
            f"  REST     {settings.BASE_URL}/api/v1/docs/\n"
            f"  Mail     {f'to {mail}' if mail else f'.eml files in {settings.MAIL_DIR}'}\n"
            f"  Data     {settings.DATA_DIR}\n"
            f"  Log      {settings.LOG_DIR / FILE} (requests and tasks; only warnings come here)\n"
        )
        self.tell_log_ins()

    def tell_log_ins(self) -> None:
        """Names and passwords of the demo, last, and to no one but who sits at this machine."""
        if apps.is_installed(DEMO) and preflight.is_loopback(settings.HOST):
            call_command("demo", logins=True, stdout=self.stdout)
            self.stdout.flush()

    def wait_until_ready(self) -> None:
        late = time.monotonic() + READY_WITHIN
        while not is_ready():
            if time.monotonic() > late:
                self.say(f"Not ready yet; the lines above and {settings.LOG_DIR / FILE} may say why.")
                late += READY_WITHIN
            time.sleep(0.2)


def is_ready() -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.HOST, settings.HOST)  # noqa: S104 -- compared
    web = http.client.HTTPConnection(host, settings.PORT, timeout=2)
    try:
        web.request("GET", "/readyz")
        return web.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        web.close()


def children(workers: int, concurrency: int) -> list[Child]:
    python = sys.executable
    bind = ["--bind", place(settings.HOST, settings.PORT)]
    web = [python, "-m", "gunicorn", "itsm.wsgi", *bind, "--workers", str(workers)]
    web += ["--graceful-timeout", "5", "--log-level", "warning"]
    celery = [python, "-m", "celery", "--quiet", "-A", "itsm"]
    worker = [*celery, "worker", "--concurrency", str(concurrency), *WORKER_OPTIONS]
    beat = [*celery, "beat", "--pidfile", ""]
    level = ["--loglevel", settings.LOG_LEVEL]
    # As root, in a container say, Celery would warn of it at each start.
    quiet = {"PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges"}
    return [Child("web", web), Child("worker", worker + level, quiet), Child("beat", beat + level)]
