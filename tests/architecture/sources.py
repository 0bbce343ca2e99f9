"""The Python files of the repository, read and parsed once for all gates."""

import ast
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("aims", "activities", "adapters", "api", "cli", "workers", "workflows")
FOLDERS = (*PRODUCT, "tests", "benchmarks")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One Python file; `path` is relative to the root."""

    path: Path
    text: str
    tree: ast.Module

    def functions(self) -> Iterator[tuple[Function, bool]]:
        """Find every function of the file, and whether it is a method."""
        methods = {id(node) for owner in ast.walk(self.tree) if isinstance(owner, ast.ClassDef) for node in owner.body}
        for node in ast.walk(self.tree):
            if isinstance(node, Function):
                yield node, id(node) in methods

    def imports(self) -> Iterator[tuple[str, str, int]]:
        """Every imported name, what it stands for, and its line: `("dt", "datetime", 3)`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for name in node.names:
                    top = name.name.split(".")[0]
                    yield name.asname or top, name.name if name.asname else top, node.lineno
            elif isinstance(node, ast.ImportFrom):
                for name in node.names:
                    yield name.asname or name.name, f"{node.module or ''}.{name.name}", node.lineno

    def reached(self, *forbidden: str) -> list[str]:
        """Find where the file imports a forbidden name or reaches one through an import."""
        names = {local: full for local, full, _ in self.imports()}
        uses = {(line, full) for _, full, line in self.imports()}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Attribute) and (full := dotted(node, names)):
                uses.add((node.lineno, full))
        within = tuple(f"{name}." for name in forbidden)
        return [f"{self.path}:{line} {use}" for line, use in sorted(uses) if f"{use}.".startswith(within)]


def dotted(node: ast.expr, names: dict[str, str]) -> str | None:
    """Resolve `workflow.sleep` to `temporalio.workflow.sleep` through the imports; `None` for what is not imported."""
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute) and (owner := dotted(node.value, names)):
        return f"{owner}.{node.attr}"
    return None


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """Read the files below the folders given, or below all of them; a folder that does not exist has none."""
    paths = sorted(path for folder in folders or FOLDERS for path in (ROOT / folder).rglob("*.py"))
    texts = [(path.relative_to(ROOT), path.read_text(encoding="utf-8")) for path in paths]
    return tuple(Module(path, text, ast.parse(text, str(path))) for path, text in texts)


@cache
def repository() -> tuple[Path, ...]:
    """List every file that is or may become part of the repository, relative to the root."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(Path(name) for name in sorted(set(listed.split("\0"))) if name and (ROOT / name).is_file())


def assert_none(found: Iterable[object]) -> None:
    """Fail with one line for each thing found."""
    __tracebackhide__ = True
    lines = [str(thing) for thing in found]
    if lines:
        raise AssertionError("\n".join([f"{len(lines)} found", *lines]))
