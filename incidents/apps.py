from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class IncidentsConfig(AppConfig):
    name = "incidents"
    verbose_name = _("Incidents")

    def ready(self) -> None:
        from incidents.search.sqlite import keep_installed  # noqa: PLC0415 -- app ready

        post_migrate.connect(keep_installed, sender=self, dispatch_uid="incidents.search.keep_installed")
