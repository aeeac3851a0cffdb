"""How much a test tries: a share every day, all of it in `make fuzz`."""

from hypothesis import settings

#: Examples of a random test in `make test`.
EVERYDAY = 100


def tries_all() -> bool:
    return settings().max_examples > EVERYDAY
