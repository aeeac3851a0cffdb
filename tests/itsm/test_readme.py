"""The README says what is true: each command in it is run somewhere, each variable and default is real."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from itsm.celery import app
from tests.running import ROOT

ROOMS = ("itsm", "incidents", "notifications", "reports")
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


TABLE = dict(re.findall(r"^\| `([A-Z_]+)` \| (.+?) \|", README, re.MULTILINE))
#: Read, and no business of who installs a desk.
OF_TESTS = {"ARGS", "BUT", "MAKE", "PARALLEL"}
OF_THE_DESK_ITSELF = {"DJANGO_SETTINGS_MODULE", "SUPERVISED"}
NAME = re.compile(r"[A-Z][A-Z_]+")


def read_by_python() -> set[str]:
    """Each name asked of the environment: `env.str("NAME")`, `"NAME" in os.environ`, `os.environ["NAME"]`."""
    names = set()
    for path in [ROOT / "manage.py", *(file for room in ROOMS for file in (ROOT / room).rglob("*.py"))]:
        for part in ast.walk(ast.parse(path.read_text())):
            if isinstance(part, ast.Call | ast.Compare | ast.Subscript) and re.search(
                r"\b(env|environ|getenv)\b", ast.unparse(part)
            ):
                words = [word.value for word in asked_for(part) if isinstance(word, ast.Constant)]
                names |= {word for word in words[:1] if isinstance(word, str) and NAME.fullmatch(word)}
    return names


def asked_for(part: ast.Call | ast.Compare | ast.Subscript) -> list[ast.expr]:
    if isinstance(part, ast.Call):
        return part.args
    return [part.left if isinstance(part, ast.Compare) else part.slice]


def read_by_make() -> set[str]:
    makefile = (ROOT / "Makefile").read_text()
    own = set(re.findall(r"^([A-Z_]+) :?= ", makefile, re.MULTILINE))
    return set(re.findall(r"\$\((?:if \$\()?([A-Z_]+)[),]", makefile)) - own


def test_table_lists_every_variable_that_is_read_and_no_other() -> None:
    assert set(TABLE) == (read_by_python() | read_by_make()) - OF_TESTS - OF_THE_DESK_ITSELF


def test_variables_of_ci_are_explained_where_it_begins() -> None:
    head, _, script = (ROOT / ".ci" / "run").read_text().partition("set -euo pipefail")

    for name in re.findall(r"\$\{(\w+):-", script):
        assert f"#   {name} " in head, name


#: Starts the settings once as they are, then once with each default said; which settings differ.
WITH_EACH_DEFAULT = """
import json, os, pathlib, runpy, sys
defaults = json.load(sys.stdin)

def plainly(value):
    return str(value) if isinstance(value, pathlib.Path) else type(value).__name__

def settings():
    read = runpy.run_path("itsm/settings.py")
    return {name: json.dumps(read[name], default=plainly) for name in read if name.isupper()}

plain, differing = settings(), {}
for name, value in defaults.items():
    os.environ[name] = value
    read = settings()
    differing[name] = sorted(key for key in plain if read[key] != plain[key])
    del os.environ[name]
print(json.dumps(differing))
"""
#: These have no value to be said.
IN_WORDS = {"DEBUG": "unset", "SECRET_KEY": "made once, kept in `DATA_DIR`"}


def test_each_default_of_the_table_is_what_is_taken_without_it(tmp_path: Path) -> None:
    said = {name: default for name, default in TABLE.items() if name not in IN_WORDS}
    here = {"DATA_DIR": str(tmp_path), "HOST": "127.0.0.1", "PORT": "8000"}
    values = {name: the_value(default, here) for name, default in said.items() if name != "DATA_DIR"}

    done = subprocess.run(
        [sys.executable, "-c", WITH_EACH_DEFAULT],
        cwd=ROOT,
        env={"DATA_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)},
        input=json.dumps(values),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {name: [] for name in values}
    assert {name: TABLE[name] for name in IN_WORDS} == IN_WORDS


def the_value(default: str, here: dict[str, str]) -> str:
    text = "" if default == "empty" else default.removeprefix("`").removesuffix("`")
    assert default in {"empty", f"`{text}`"}, f"{default} is no value"
    return re.sub("|".join(here), lambda name: here[name[0]], text)


def test_data_is_kept_where_the_table_says() -> None:
    program = "from django.conf import settings; print(settings.DATA_DIR)"
    environment = {"DJANGO_SETTINGS_MODULE": "itsm.settings", "DEBUG": "0"}

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == str(ROOT / TABLE["DATA_DIR"].strip("`"))
