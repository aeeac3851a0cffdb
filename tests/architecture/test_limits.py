"""How much fits is said once, in `incidents.limits`."""

import ast

from incidents import limits
from tests.architecture.sources import place, python_files, tree

#: Too large to mean anything else by chance.
OURS = {limits.TEXT, limits.EXCERPT, limits.PARAGRAPH, limits.FILE_BYTES}
#: Small numbers mean many things; as the length of a field that somebody fills in they mean these.
LENGTHS = {limits.LINE, limits.SENTENCES}
FORMS = {"admin", "api", "portal"}


def test_no_rule_form_column_or_body_repeats_a_limit() -> None:
    repeated = []
    for path in python_files("incidents"):
        if path.name == "limits.py":
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Constant) and type(node.value) is int and node.value in OURS:
                repeated.append(f"{place(path, node.lineno)} says {node.value}")
            if FORMS.isdisjoint(path.parts):
                continue
            if isinstance(node, ast.keyword) and node.arg == "max_length":
                length = getattr(node.value, "value", None)
                if type(length) is int and length in LENGTHS:
                    repeated.append(f"{place(path, node.value.lineno)} says {length}")

    assert repeated == []
