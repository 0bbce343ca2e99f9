"""Which test proves what: collected from the marks of the tests, written to docs/traceability.md.

`python -m tests.traceability` writes the page, `--check` fails when it is not the page of this checkout. Both fail when
docs/claims.toml claims something that no test proves.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.architecture.sources import ROOT, Function, Module, modules

PAGE = ROOT / "docs" / "traceability.md"
CLAIMS = ROOT / "docs" / "claims.toml"
# mark -> section of the claims, heading of the page
KINDS = {
    "clause": ("clauses", "Clauses, controls and articles"),
    "feature": ("features", "Rows of the feature table"),
    "peer_fault": ("peer_faults", "Faults found in other products"),
}

Proofs = dict[str, dict[str, list[str]]]


def proofs(sources: Iterable[Module]) -> Proofs:
    """Return kind of mark -> id -> tests that carry it.

    Raises:
        SystemExit: A mark does not hold plain values.
    """
    found: Proofs = {kind: {} for kind in KINDS}
    for module in sources:
        for test, marks in _tests(module):
            for kind, value in (mark for decorator in marks for mark in _marks(decorator, module.path)):
                tests = found[kind].setdefault(value, [])
                tests.extend([test] if test not in tests else [])
    return found


def unproved(claims: dict[str, dict[str, list[object]]], found: Proofs) -> list[str]:
    """List what is claimed and carried by no test."""
    return [
        f"{kind}({claim}) is claimed in docs/claims.toml, and no test carries the mark"
        for kind, (section, _) in KINDS.items()
        for claim in claims.get(section, {}).get("claimed", [])
        if str(claim) not in found[kind]
    ]


def page(found: Proofs) -> str:
    """Write the page, sorted the way people count."""
    parts = ["# Traceability", "", "Generated from the marks of the tests by `make traceability`; do not edit."]
    for kind, (_, heading) in KINDS.items():
        parts += ["", f"## {heading}", ""]
        rows = [f"| {value} | {'<br>'.join(sorted(tests))} |" for value, tests in _sorted(found[kind])]
        parts += [f"| {kind} | proved by |", "|---|---|", *rows] if rows else ["No test carries such a mark yet."]
    return "\n".join(parts) + "\n"


def _tests(module: Module) -> Iterator[tuple[str, list[ast.expr]]]:
    """Find each test with every decorator and `pytestmark` that holds for it."""
    everywhere = _pytestmark(module.tree.body)
    for node in module.tree.body:
        members = node.body if isinstance(node, ast.ClassDef) else [node]
        around = [*node.decorator_list, *_pytestmark(node.body)] if isinstance(node, ast.ClassDef) else []
        for member in members:
            if isinstance(member, Function) and member.name.startswith("test"):
                yield f"`{module.path}` {member.name}", [*everywhere, *around, *member.decorator_list]


def _pytestmark(body: list[ast.stmt]) -> list[ast.expr]:
    return [n.value for n in body if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "pytestmark"]


def _marks(decorator: ast.expr, path: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(decorator):
        if isinstance(node, ast.Call) and (match := re.fullmatch(r"(?:pytest\.)?mark\.(\w+)", ast.unparse(node.func))):
            for argument in node.args if match[1] in KINDS else []:
                if not isinstance(argument, ast.Constant):
                    raise SystemExit(f"{path}:{node.lineno} {match[1]} needs plain values")
                yield match[1], str(argument.value)


def _sorted(rows: dict[str, list[str]]) -> list[tuple[str, list[str]]]:
    def counted(row: tuple[str, list[str]]) -> list[tuple[int, str]]:
        return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", row[0])]

    return sorted(rows.items(), key=counted)


def main(arguments: list[str]) -> int:
    """Write or check the page; 1 when something claimed is not proved or the page is out of date."""
    found = proofs(modules("tests"))
    wrong = unproved(tomllib.loads(CLAIMS.read_text(encoding="utf-8")), found)
    if "--check" not in arguments:
        PAGE.write_text(page(found), encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page(found):
        wrong.append("docs/traceability.md is out of date: run `make traceability`")
    counts = ", ".join(f"{len(found[kind])} {section.replace('_', ' ')}" for kind, (section, _) in KINDS.items())
    sys.stdout.write("\n".join([*wrong, f"traceability: {counts} proved by tests\n"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
