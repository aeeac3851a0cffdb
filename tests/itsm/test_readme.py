"""The README says what is true: each command in it is run somewhere, each variable is read."""

import re

import pytest

from itsm.celery import app
from tests.running import ROOT

README = (ROOT / "README.md").read_text()
SHELL = "\n".join(re.findall(r"```sh\n(.*?)```", README, re.DOTALL))
PROOF = "\n".join(
    [
        (ROOT / ".ci" / "run").read_text(),
        *(path.read_text() for path in sorted((ROOT / "tests").rglob("*.py"))),
    ]
)


@pytest.mark.parametrize("target", sorted(set(re.findall(r"^make (\w+)", SHELL, re.MULTILINE)) - {"run"}))
def test_make_target_is_run_by_ci(target: str) -> None:
    assert f"make {target}" in (ROOT / ".ci" / "run").read_text()


@pytest.mark.parametrize("command", sorted(set(re.findall(r"manage\.py (\w+)", SHELL))))
def test_management_command_is_run_by_a_test_or_by_ci(command: str) -> None:
    assert f'"{command}"' in PROOF or f"manage.py {command}" in PROOF


def test_worker_of_the_readme_reads_every_queue() -> None:
    named = re.search(r"celery -A itsm worker -Q ([\w,]+)", SHELL)
    assert named is not None

    assert set(named[1].split(",")) == {queue.name for queue in app.conf.task_queues}


@pytest.mark.parametrize("variable", sorted(set(re.findall(r"^\| (`[A-Z_`, ]+) \|", README, re.MULTILINE))))
def test_variable_of_the_table_is_read(variable: str) -> None:
    read = "\n".join(
        (ROOT / "itsm" / name).read_text() for name in ("settings.py", "environment.py", "logs.py")
    )

    for name in re.findall(r"[A-Z_]+", variable):
        assert f'"{name}"' in read, name
