"""The sweep is made once a module; what it found is all that the tests ask."""

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker
from rest_framework.settings import api_settings

from tests.access.desk import SharedDesk
from tests.access.sweep import Sweep
from tests.thoroughness import tries_all

NO_LIMIT = "1000000/min"


@pytest.fixture(scope="module")
def sweep(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Sweep:
    """`make fuzz` tries every cell; `make test` about one in twelve, refusals first."""
    media = override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media"))
    with django_db_blocker.unblock(), media, pytest.MonkeyPatch.context() as patch, transaction.atomic():
        patch.setattr(
            api_settings,
            "DEFAULT_THROTTLE_RATES",
            dict.fromkeys(("person", "address", "source"), NO_LIMIT),
        )
        call_command("createcachetable", verbosity=0)
        found = Sweep(SharedDesk(), is_whole=tries_all())
        found.run()
        transaction.set_rollback(True)
    return found
