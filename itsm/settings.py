"""Settings. Every value that differs between two installations comes from the environment.

`DEBUG` has three meanings. Unset: a try-out on this machine, which answers only to its own
host names and keeps a generated key in `DATA_DIR`. `DEBUG=0`: production, where `itsm/checks.py`
stops the start on values that would hurt. `DEBUG=1`: development with Django's debug pages.
"""

import logging
import os
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.utils.translation import gettext_lazy as _

from itsm.environment import choice, database, generated_secret, place, port, seconds, time_zone
from itsm.logs import logging_config

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = env.bool("DEBUG", default=False)
PRODUCTION = "DEBUG" in os.environ and not DEBUG
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "data"))).expanduser().absolute()
# Read as it stands: `env` would take a word that begins with $ for the name of another variable.
SECRET_KEY_GIVEN = os.environ.get("SECRET_KEY", "")
SECRET_KEY = SECRET_KEY_GIVEN or generated_secret(None if PRODUCTION else DATA_DIR)
SECRET_KEY_FALLBACKS = [key for key in os.environ.get("SECRET_KEY_FALLBACKS", "").split(",") if key]
SECRET_KEY_IS_MISSING = PRODUCTION and not SECRET_KEY_GIVEN
HOST = env.str("HOST", default="127.0.0.1")
PORT = port(env)
BASE_URL = env.str("BASE_URL", default=f"http://{place(HOST, PORT)}").rstrip("/")
HTTPS = urlsplit(BASE_URL).scheme == "https"
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = [BASE_URL] if HTTPS else []
# An empty database gets a demo, whose passwords are known: never where DEBUG=0 does not ask for it.
DEMO = env.bool("DEMO", default=not PRODUCTION)
# Networks whose X-Forwarded-For and X-Forwarded-Proto are believed; from anyone else they are dropped.
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
# Opens /health/pipeline; empty keeps it shut.
HEALTH_TOKEN = os.environ.get("HEALTH_TOKEN", "")

INSTALLED_APPS = [
    "itsm",
    "itsm.ui",
    "incidents",
    "notifications",
    "reports",
    "itsm.apps.DeskAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "itsm.apps.DeskStaticFilesConfig",
    "rest_framework",
    "django_filters",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "simple_history",
    "import_export",
    "heroicons",
    "csp",
    "django_structlog",
]
if find_spec("itsm.demo"):  # a build may leave it out
    INSTALLED_APPS.append("itsm.demo")

MIDDLEWARE = [
    "itsm.proxies.TrustedProxies",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "itsm.health.HealthPages",  # before whatever asks for the host's name, a session or a language
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "itsm.middleware.KeptNowhere",
    "itsm.middleware.RulesReadOnce",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "incidents.uploads.Uploads",  # before whoever first asks for what was sent
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "itsm.middleware.ReadersPlace",
    "django_structlog.middlewares.RequestMiddleware",
    "incidents.api.headers.ApiHeaders",
    "django.contrib.messages.middleware.MessageMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "incidents.unsent.middleware.Unsent",
    "itsm.unwell.Unwell",
]

ROOT_URLCONF = "itsm.urls"
WSGI_APPLICATION = "itsm.wsgi.application"
ASGI_APPLICATION = "itsm.asgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Seals the pages of the ledger; empty: derived from SECRET_KEY.
LEDGER_KEY = os.environ.get("LEDGER_KEY", "")

# Data: SQLite in one file unless DATABASE_URL names a PostgreSQL.
DATABASES = {"default": database(env, DATA_DIR)}
# Seconds that one statement may take: of a page, and of a worker. 0: as long as it likes, as commands.
STATEMENT_SECONDS = seconds(env, "STATEMENT_SECONDS", 15)
WORKER_STATEMENT_SECONDS = seconds(env, "WORKER_STATEMENT_SECONDS", 300)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": env.cache_url("CACHE_URL", default="dbcache://desk_cache")}
STORAGE_URL = env.str("STORAGE_URL", default=f"file://{DATA_DIR / 'media'}")
MEDIA_ROOT = urlsplit(STORAGE_URL).path
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"base_url": None}},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["png", "gif", "woff", "woff2", "gz", "br", "map", "txt", "md"]
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_HANDLERS = [
    "incidents.uploads.Bounds",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "incidents.uploads.OnDisk",
]

# Celery: the broker only wakes, so files in a folder are enough on one machine.
BROKER_URL = env.str("BROKER_URL", default="filesystem://localhost")

# Mail: without EMAIL_URL each message becomes an .eml file in MAIL_DIR.
EMAIL_URL = env.str("EMAIL_URL", default="")
MAIL_DIR = DATA_DIR / "mail"
if EMAIL_URL:
    vars().update(env.email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = MAIL_DIR
EMAIL_TIMEOUT = 30
# The mailbox that answers to our mails are fetched from; pipe:// where the mail server hands them to
# `manage.py receive_mail`. Empty: mails do not invite answers.
INBOUND_MAIL_URL = env.str("INBOUND_MAIL_URL", default="")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Service desk <desk@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# People: the stock user model; who may do what is in incidents/policies.py.
AUTHENTICATION_BACKENDS = ["itsm.accounts.Accounts"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
PASSWORD_RESET_TIMEOUT = 3600

# Words and time: stored in UTC, shown in the reader's zone.
LANGUAGE_CODE = "en"
# A language is offered once its catalogue is whole; tests/itsm/test_languages.py reads the catalogues.
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "itsm" / "locale"]
USE_I18N = True
FORMAT_MODULE_PATH = ["itsm.formats"]
USE_TZ = True
# Doors ask itsm/timekeeping.py; tests, which turn the hands of this process, say False.
TIME_FROM_DATABASE = True
TIME_ZONE = time_zone(env)

# What a browser is told.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
    },
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = PRODUCTION and HTTPS
SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$", "^health/pipeline$"]
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_SSL_REDIRECT else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_SSL_REDIRECT
SECURE_HSTS_PRELOAD = SECURE_SSL_REDIRECT
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "desk-session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "desk-csrf"
CSRF_COOKIE_HTTPONLY = False  # the scripts of the desk read it
CSRF_FAILURE_VIEW = "incidents.unsent.middleware.csrf_failure"
SESSION_COOKIE_HTTPONLY = True

# REST: incidents/api/ says what each address does.
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "incidents.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["incidents.api.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["incidents.api.parsers.StrictJSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["incidents.api.filters.NamedFilters"],
    "DEFAULT_PAGINATION_CLASS": "incidents.api.pagination.KeysetPagination",
    "DEFAULT_THROTTLE_CLASSES": [
        "incidents.api.throttling.PersonThrottle",
        "incidents.api.throttling.AddressThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {"person": "1200/min", "address": "120/min", "source": "6000/min"},
    "DEFAULT_METADATA_CLASS": "incidents.api.metadata.Pointer",
    "DEFAULT_SCHEMA_CLASS": "incidents.api.schema.AutoSchema",
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
    "NUM_PROXIES": 0,  # itsm.proxies has already settled who is calling
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
DRF_STANDARDIZED_ERRORS = {
    "EXCEPTION_HANDLER_CLASS": "incidents.api.problems.ProblemHandler",
    "EXCEPTION_FORMATTER_CLASS": "incidents.api.problems.ProblemFormatter",
    "NESTED_FIELD_SEPARATOR": "/",
}
KNOX_TOKEN_MODEL = "incidents.ApiToken"  # noqa: S105 -- the name of a model
# Its migrations would make the table that our own model stands in for.
MIGRATION_MODULES = {"knox": None}
REST_KNOX = {"AUTH_HEADER_PREFIX": "Bearer", "TOKEN_PREFIX": "itsm_", "TOKEN_TTL": timedelta(days=90)}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Service desk",
    "DESCRIPTION": "Open, follow and work incidents. Errors are RFC 9457 problems; changes need `If-Match`.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        f"{name}Enum": f"incidents.enums.{name}.choices"
        for name in (
            "ActionKind",
            "ActionOutcome",
            "Channel",
            "Criticality",
            "EntryKind",
            "EvidenceKind",
            "HoldReason",
            "ItemKind",
            "Metric",
            "Priority",
            "ResolutionCode",
            "Severity",
            "State",
            "Verb",
            "Verdict",
            "Via",
            "Visibility",
        )
    }
    | {"LevelEnum": "incidents.enums.Impact.choices"}  # of impact and urgency alike
    | {"PeriodKindEnum": "reports.enums.Kind.choices"},
    "COMPONENT_NO_READ_ONLY_REQUIRED": True,  # `?fields=` and a requester's token leave fields out
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
SIMPLE_HISTORY_REVERT_DISABLED = True

# One line an event; the request's id travels on to its tasks.
LOG_LEVEL = choice(env, "LOG_LEVEL", ("INFO", "DEBUG", "WARNING", "ERROR", "CRITICAL"))
LOG_FORMAT = choice(env, "LOG_FORMAT", ("text", "json"))
# Set by itsm/supervisor.py, for its children.
SUPERVISED = env.bool("SUPERVISED", default=False)
LOGGING = logging_config(LOG_LEVEL, LOG_FORMAT, supervised=SUPERVISED)
LOG_DIR = DATA_DIR / "logs"  # of `make run`
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = logging.INFO  # the visitor's matter; no terminal is told
