"""Settings of a desk that tells nobody and reports nothing: the core, and the design system below it."""

from tests.settings import *  # noqa: F403

INSTALLED_APPS = [
    app
    for app in INSTALLED_APPS  # noqa: F405
    if app not in {"itsm", "itsm.demo", "notifications", "reports", "itsm.apps.DeskAdminConfig"}
] + ["django.contrib.admin"]
ROOT_URLCONF = "tests.core_alone_urls"
MIDDLEWARE = [each for each in MIDDLEWARE if each != "itsm.health.HealthPages"]  # noqa: F405
ALLOWED_HOSTS = ["testserver"]
