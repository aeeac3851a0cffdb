from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = _("Notifications")

    def ready(self) -> None:
        from incidents.signals import timeline_recorded  # noqa: PLC0415 -- app ready
        from notifications.receivers import announce_soon  # noqa: PLC0415 -- app ready

        timeline_recorded.connect(announce_soon, dispatch_uid="notifications.announce_soon")
