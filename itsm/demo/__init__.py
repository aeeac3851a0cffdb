"""A company that does not exist, and four months at its service desk."""

from itsm.demo.logins import DEMO_LOGINS

__all__ = ["DEMO_LOGINS"]
