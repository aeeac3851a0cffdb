from pathlib import Path

import pytest
from pytest_django import Settings

from itsm import statics


@pytest.fixture
def source(settings: Settings, tmp_path: Path) -> Path:
    """A static folder of one file, collected into another."""
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "desk.css").write_text("body { color: black }")
    settings.STATICFILES_DIRS = [folder]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "collected"
    return folder


def test_files_are_collected_once(source: Path, settings: Settings) -> None:
    statics.collect_if_changed()
    collected = settings.STATIC_ROOT / "desk.css"
    collected.unlink()

    statics.collect_if_changed()

    assert not collected.exists(), "nothing had changed, so nothing was done"


def test_changed_file_is_collected_again(source: Path, settings: Settings) -> None:
    statics.collect_if_changed()
    (source / "desk.css").write_text("body { color: rebeccapurple }")

    statics.collect_if_changed()

    assert (settings.STATIC_ROOT / "desk.css").read_text() == "body { color: rebeccapurple }"
