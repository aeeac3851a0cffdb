"""Many at the same moment, each with a connection of its own."""

import threading
from collections.abc import Callable
from typing import TypeVar

from django.db import connections

Made = TypeVar("Made")


def at_once(number: int, work: Callable[[int], Made]) -> list[Made]:
    done: list[Made] = []
    barrier = threading.Barrier(number)

    def run(n: int) -> None:
        barrier.wait()
        try:
            done.append(work(n))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done
