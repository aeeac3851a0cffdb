"""The desk's own settings, with what would slow tests down or reach outside taken away."""

import atexit
import os
import shutil
import tempfile

DATA = tempfile.mkdtemp(prefix="itsm-test-")
atexit.register(shutil.rmtree, DATA, ignore_errors=True)
for name in (
    "ALLOWED_HOSTS",
    "BASE_URL",
    "CACHE_URL",
    "DEBUG",
    "DEFAULT_FROM_EMAIL",
    "EMAIL_URL",
    "HEALTH_TOKEN",
    "INBOUND_MAIL_URL",
    "LOG_FORMAT",
    "SECRET_KEY",
    "STORAGE_URL",
    "TIME_ZONE",
    "TRUSTED_PROXIES",
):
    os.environ.pop(name, None)
os.environ |= {"DATA_DIR": DATA, "LOG_LEVEL": "WARNING"}
# Never eager: a task runs when a test calls it or a real worker takes it.
os.environ["BROKER_URL"] = os.environ.get("TEST_BROKER_URL", "memory://")

from itsm.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",  # the people of the demo
]
TIME_FROM_DATABASE = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"base_url": None}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Straight from the sources: nothing collects them.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    # In a file, as in life: in memory, threads that write at once are refused instead of made to wait.
    DATABASES["default"]["TEST"] = {"NAME": f"{DATA}/test.sqlite3"}  # noqa: F405
    # It need not outlive a power cut.
    DATABASES["default"]["OPTIONS"]["init_command"] += "; PRAGMA synchronous=OFF"  # noqa: F405
