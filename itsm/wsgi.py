"""The WSGI entry point."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from itsm import checks, patience

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itsm.settings")

checks.refuse_to_start_on_errors()
application = get_wsgi_application()
patience.bound.set(settings.STATEMENT_SECONDS)
