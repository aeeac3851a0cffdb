"""Ties a process to the one that started it, so that none is left behind when that one is killed -9.

Run as a program it ties itself and becomes the command it is given. Linux only; elsewhere it just runs it.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent(with_signal: signal.Signals, *, parent: int) -> None:
    """Ask the kernel for a signal at the parent's death; if it died before we asked, take it now."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, with_signal, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), with_signal)


if __name__ == "__main__":
    die_with_parent(signal.SIGTERM, parent=int(sys.argv[1]))
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 -- the command comes from itsm/supervisor.py
