"""The WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

from itsm.checks import refuse_to_start_on_errors

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itsm.settings")

refuse_to_start_on_errors()
application = get_wsgi_application()
