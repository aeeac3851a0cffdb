from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = _("Reports")

    def ready(self) -> None:
        post_migrate.connect(keep_append_only, sender=self, dispatch_uid="reports.keep_append_only")


def keep_append_only(using: str, **_kwargs: object) -> None:
    from incidents.append_only import keep_installed  # noqa: PLC0415 -- app ready
    from reports.append_only import TABLES  # noqa: PLC0415 -- app ready

    keep_installed(TABLES, using)
