"""The ASGI entry point."""

import os

from django.core.asgi import get_asgi_application

from itsm.checks import refuse_to_start_on_errors

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itsm.settings")

refuse_to_start_on_errors()
application = get_asgi_application()
