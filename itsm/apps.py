from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.contrib.staticfiles import apps as staticfiles_apps
from django.utils.translation import gettext_lazy as _


class ItsmConfig(AppConfig):
    default = True
    name = "itsm"
    verbose_name = _("Service desk")

    def ready(self) -> None:
        from itsm import checks, wiring  # noqa: F401, PLC0415 -- app ready

        wiring.connect()


class DeskAdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "itsm.desk.site.DeskSite"


class DeskStaticFilesConfig(staticfiles_apps.StaticFilesConfig):
    """Leaves out what no page loads; compressing it took half a minute of the first start."""

    default = False
    ignore_patterns = [*staticfiles_apps.StaticFilesConfig.ignore_patterns, "redoc", "rest_framework"]
