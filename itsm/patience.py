"""How long the database works on one statement: a page's short, a worker's longer, a command's without end.

PostgreSQL counts by itself. SQLite works inside our process: a clock is looked at between its steps.
"""

from collections.abc import Callable
from time import monotonic

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

#: Of SQLite's machine between two looks at the clock: less than a millisecond.
STEPS = 10_000
#: What counts at most between two looks: while rows are fetched one by one, we may do other things.
STEP_SECONDS = 0.5


class Watch:
    """Counts what one statement of a connection takes; asked by SQLite, it says whether to stop."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.spent = 0.0
        self.looked = monotonic()

    def __call__(self, execute: Callable[..., object], *statement: object) -> object:
        self.spent, self.looked = 0.0, monotonic()
        return execute(*statement)

    def is_over(self) -> bool:
        now = monotonic()
        self.spent += min(now - self.looked, STEP_SECONDS)
        self.looked = now
        return self.spent > self.seconds


class Bound:
    """Of this process, from its next connections on; 0 is no bound."""

    seconds = 0.0

    def set(self, seconds: float) -> None:
        self.seconds = seconds
        connection_created.connect(self.apply, dispatch_uid="itsm.patience")

    def apply(self, connection: BaseDatabaseWrapper, **_kwargs: object) -> None:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT set_config('statement_timeout', %s, false)", [str(int(self.seconds * 1000))]
                )
        elif connection.vendor == "sqlite" and self.seconds:
            wrappers = connection.execute_wrappers
            wrappers[:] = [wrapper for wrapper in wrappers if not isinstance(wrapper, Watch)]
            watch = Watch(self.seconds)
            wrappers.append(watch)
            connection.connection.set_progress_handler(watch.is_over, STEPS)


#: The entry points set it (wsgi, asgi, celery); a command of manage.py works as long as it takes.
bound = Bound()
