"""Names say what a thing is; nothing hides behind a general word, a mock or a test set aside."""

import ast
import re
from pathlib import Path

from tests.architecture.sources import FOLDERS, assert_none, modules, repository

FORBIDDEN = {"utils", "util", "helpers", "helper", "common", "base", "misc"}
# Written in halves, so that this file does not find itself.
SET_ASIDE = re.compile(r"mark\.(skip|skipif|xfail)\b|pytest\.(skip|xfail)\(|assert" + r" True\b")


def test_no_module_or_folder_has_a_name_that_fits_everything() -> None:
    named = [path for path in repository() if path.parts[0] in FOLDERS]
    assert_none(path for path in named if FORBIDDEN & {*path.parts[:-1], path.stem})


def test_no_test_is_set_aside() -> None:
    others = [module for module in modules("tests") if module.path.name != Path(__file__).name]
    assert_none(module.path for module in others if SET_ASIDE.search(module.text))


def test_fakes_are_written_not_mocked() -> None:
    assert_none(use for module in modules() for use in module.reached("unittest.mock", "mock", "pytest_mock"))


def test_every_workflow_type_has_an_explicit_name() -> None:
    """The type name stands in histories that outlive a renamed class."""
    decorated = [
        (f"{module.path}: {node.name}", decorator)
        for module in modules("workflows")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef)
        for decorator in node.decorator_list
    ]
    assert_none(place for place, decorator in decorated if _defines(decorator) and not _names_itself(decorator))


def _defines(decorator: ast.expr) -> bool:
    return ast.unparse(decorator).startswith(("workflow.defn", "defn"))


def _names_itself(decorator: ast.expr) -> bool:
    keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
    return any(keyword.arg == "name" and isinstance(keyword.value, ast.Constant) for keyword in keywords)
