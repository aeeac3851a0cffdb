from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = _("Notifications")

    def ready(self) -> None:
        from incidents.signals import timeline_recorded  # noqa: PLC0415 -- app ready
        from incidents.workflow.redacting import ELSEWHERE  # noqa: PLC0415 -- app ready
        from notifications.panels import add_panels  # noqa: PLC0415 -- app ready
        from notifications.receivers import announce_soon  # noqa: PLC0415 -- app ready
        from notifications.redaction import redact  # noqa: PLC0415 -- app ready

        ELSEWHERE.append(redact)
        add_panels()
        timeline_recorded.connect(announce_soon, dispatch_uid="notifications.announce_soon")
        post_migrate.connect(keep_append_only, sender=self, dispatch_uid="notifications.keep_append_only")


def keep_append_only(using: str, **_kwargs: object) -> None:
    from incidents.append_only import keep_installed  # noqa: PLC0415 -- app ready
    from notifications.append_only import TABLES  # noqa: PLC0415 -- app ready

    keep_installed(TABLES, using)
