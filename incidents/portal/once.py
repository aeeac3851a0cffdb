"""A form that is sent twice is done once: its token is a key of `incidents.idempotency`."""

from collections.abc import Callable
from datetime import datetime

from django.contrib.auth.models import User

from incidents import idempotency
from incidents.models import Incident


def once(user: User, token: str, work: Callable[[], Incident], *, at: datetime) -> str:
    """The number of the incident that `work` gave, now or when the same token came before."""

    def answer() -> idempotency.Answer:
        return idempotency.Answer(body=work().number)

    return idempotency.once(user, f"form:{token}", answer, at=at, may_wait=True).body
