from notifications.nudge import nudge
from notifications.tasks import announce


def announce_soon(**_kwargs: object) -> None:
    nudge(announce)
