from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class IncidentsConfig(AppConfig):
    name = "incidents"
    verbose_name = _("Incidents")

    def ready(self) -> None:
        from incidents.kept import listen  # noqa: PLC0415 -- app ready
        from incidents.search.sqlite import keep_installed  # noqa: PLC0415 -- app ready

        listen()
        post_migrate.connect(keep_installed, sender=self, dispatch_uid="incidents.search.keep_installed")
        post_migrate.connect(keep_marks, sender=self, dispatch_uid="incidents.keep_marks")
        post_migrate.connect(keep_append_only, sender=self, dispatch_uid="incidents.keep_append_only")


def keep_marks(using: str, **_kwargs: object) -> None:
    from incidents.kept import keep_installed  # noqa: PLC0415 -- app ready

    keep_installed(using)


def keep_append_only(using: str, **_kwargs: object) -> None:
    from incidents.append_only import TABLES, keep_installed  # noqa: PLC0415 -- app ready

    keep_installed(TABLES, using)
