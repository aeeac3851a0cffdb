"""The closed vocabularies of telling people."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class Channel(TextChoices):
    EMAIL = "email", _("E-mail")
    WEBHOOK = "webhook", _("Webhook")


class Purpose(TextChoices):
    """What a delivery is for. With its subject, channel and target it happens once."""

    NEWS = "news", _("News of an incident")
    SERVICE = "service", _("Public news of a service")
    PARENT = "parent", _("News of the parent")
    REPORT = "report", _("Report")
    ANSWER = "answer", _("Answer to a mail that could not be filed")


class Reason(TextChoices):
    """Why somebody hears of it. The order is by how specific it is: the first that they want is told."""

    REQUESTER = "requester", _("requester")
    ASSIGNEE = "assignee", _("assignee")
    RESOLVER = "resolver", _("who resolved it")
    WATCHER = "watcher", _("watcher")
    TEAM = "team", _("team")
    LEAD = "lead", _("lead, as nobody else is in reach")
    SUBSCRIBER = "subscriber", _("subscriber")
    READER = "reader", _("reader of the report")
    ENDPOINT = "endpoint", _("webhook")
    SENDER = "sender", _("sender of a mail")


class Status(TextChoices):
    PENDING = "pending", _("Waiting")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Refused")
    DEAD = "dead", _("Given up")
    CANCELLED = "cancelled", _("Cancelled")
    HELD = "held", _("Held")


#: Nothing happens to these any more unless an administrator says so.
SETTLED = (Status.SENT, Status.FAILED, Status.DEAD, Status.CANCELLED, Status.HELD)
#: What an administrator may send again.
RETRYABLE = (Status.FAILED, Status.DEAD, Status.HELD, Status.CANCELLED)


class Phase(TextChoices):
    """How far an attempt came. Up to `opening` nothing can have arrived; from `data` on it may have."""

    NONE = "", _("not begun")
    OPENING = "opening", _("connecting")
    DATA = "data", _("handing over")
    DONE = "done", _("accepted")


class Outcome(TextChoices):
    """What came of one attempt."""

    SENT = "sent", _("Accepted")
    RETRY = "retry", _("Refused for now")
    UNREACHABLE = "unreachable", _("No connection")
    PERMANENT = "permanent", _("Refused for good")
    AMBIGUOUS = "ambiguous", _("May have arrived")
    CONFIG = "config", _("Wrong settings")
    LOST = "lost", _("Worker died")
    ERROR = "error", _("Fault of ours")


class Lane(IntegerChoices):
    """What goes first when much is due."""

    URGENT = 0, _("Urgent")
    NORMAL = 1, _("Normal")
    BULK = 2, _("Bulk")
