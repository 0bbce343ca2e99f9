"""The order of commands in every workflow, read from the source.

A history replays only against code that issues the same commands in the same order. `fingerprints.json` holds the order
accepted last; `python -m tests.replay.fingerprints --write` accepts the order of this checkout.
"""

import ast
import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.sources import Function, Module, dotted, modules

COMMITTED = Path(__file__).with_name("fingerprints.json")
COMMAND = re.compile(
    r"temporalio\.workflow\.("
    r"(execute|start)_(local_)?activity(_method|_class)?|(execute|start)_child_workflow|sleep|wait_condition"
    r"|continue_as_new|upsert_search_attributes|upsert_memo|set_current_details|patched|deprecate_patch"
    r"|get_external_workflow_handle(_for)?)|asyncio\.(sleep|wait_for|timeout|timeout_at)"
)
# The first argument of these belongs to the command in history.
NAMED = re.compile("activity|child_workflow|patch")

# Whose method it is cannot be read from the text, so methods are known by their names.
METHOD = "method "

Fingerprints = dict[str, dict[str, list[str]]]


@dataclass(frozen=True)
class Call:
    """A command, or a call of a function of the workflows that may lead to one."""

    text: str
    target: str
    command: bool


@dataclass(frozen=True)
class Scope:
    """One function or method with its calls, in the order in which they are evaluated."""

    file: str
    name: str
    target: str
    calls: tuple[Call, ...]


def fingerprints(sources: Iterable[Module]) -> Fingerprints:
    """Return file -> function -> ordered commands; what leads to no command is left out."""
    scopes = [scope for module in sources for scope in _scopes(module)]
    issuing: set[str] = set()
    while found := {s.target for s in scopes if any(c.command or c.target in issuing for c in s.calls)} - issuing:
        issuing |= found
    result: Fingerprints = {}
    for scope in scopes:
        if commands := [call.text for call in scope.calls if call.command or call.target in issuing]:
            result.setdefault(scope.file, {})[scope.name] = commands
    return result


def _scopes(module: Module) -> Iterator[Scope]:
    package = ".".join(module.path.with_suffix("").parts)
    names = {local: full for local, full, _ in module.imports()}
    names |= {node.name: f"{package}.{node.name}" for node in module.tree.body if isinstance(node, Function)}
    for owner, function in _functions(module.tree):
        name = f"{owner}.{function.name}" if owner else function.name
        target = f"{METHOD}{function.name}" if owner else f"{package}.{name}"
        calls = tuple(call for node in _evaluated(function) if (call := _call(node, names)))
        yield Scope(module.path.name, name, target, calls)


def _functions(tree: ast.Module) -> Iterator[tuple[str, Function]]:
    for node in tree.body:
        if isinstance(node, Function):
            yield "", node
        elif isinstance(node, ast.ClassDef):
            yield from ((node.name, method) for method in node.body if isinstance(method, Function))


def _evaluated(node: ast.AST) -> Iterator[ast.Call]:
    """Find the calls below a node; an argument is evaluated before the call that takes it."""
    for child in ast.iter_child_nodes(node):
        yield from _evaluated(child)
    if isinstance(node, ast.Call):
        yield node


def _call(node: ast.Call, names: dict[str, str]) -> Call | None:
    target = dotted(node.func, names) or ""
    written = ast.unparse(node.func)
    named = f" {ast.unparse(node.args[0])}" if node.args and _is_named(node.args[0], target, names=names) else ""
    if COMMAND.fullmatch(target):
        waits_for_ever = target.endswith("wait_condition") and not _has_timeout(node)
        return None if waits_for_ever else Call(target.rpartition(".")[2] + named, target, command=True)
    if not target and isinstance(node.func, ast.Attribute):
        target = f"{METHOD}{node.func.attr}"
    return Call(written + named, target, command=False)


def _is_named(argument: ast.expr, target: str, *, names: dict[str, str]) -> bool:
    return NAMED.search(target) is not None or (dotted(argument, names) or "").startswith("workflows.")


def _has_timeout(node: ast.Call) -> bool:
    return any(keyword.arg == "timeout" for keyword in node.keywords)


def current() -> Fingerprints:
    """Return the fingerprints of this checkout."""
    return fingerprints(modules("workflows"))


def text(found: Fingerprints) -> str:
    """Write fingerprints the way the committed file holds them."""
    return json.dumps(found, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    if "--write" in sys.argv:
        COMMITTED.write_text(text(current()), encoding="utf-8")
    else:
        sys.stdout.write(text(current()))
