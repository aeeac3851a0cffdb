"""The project: settings, urls, Celery and the commands for the whole of it."""

from itsm.celery import app as celery_app

__all__ = ("celery_app",)
