"""How big files and functions are; `python -m tests.architecture.sizes` says it in one line."""

import ast
import sys
from dataclasses import dataclass
from statistics import median, quantiles

from tests.architecture.sources import Function, Module, modules

FILE_LINES = 350
FUNCTION_LINES = 45
TEST_LINES = 40
PARAMETERS = 6
POSITIONAL = 2


@dataclass(frozen=True)
class Measure:
    """A size and the place it was taken at."""

    size: int
    where: str


def is_test(function: Function, module: Module) -> bool:
    """Tell whether pytest runs this function."""
    return module.path.parts[0] == "tests" and function.name.startswith("test")


def length(function: Function) -> int:
    """Lines from `def` to the end, without the docstring."""
    total = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is None:
        return total
    return total - ((first.end_lineno or first.lineno) - first.lineno + 1)


def files() -> list[Measure]:
    """Lines per file."""
    return [Measure(len(module.text.splitlines()), str(module.path)) for module in modules()]


def functions(*, tests: bool) -> list[Measure]:
    """Lines per function: of the tests, or of everything else."""
    return [
        Measure(length(function), f"{module.path}:{function.lineno} {function.name}")
        for module in modules()
        for function, _ in module.functions()
        if is_test(function, module) is tests
    ]


def summary() -> str:
    """Median and 95th percentile beside their aims."""
    parts = [
        f"{label} {_spread(measures)} (aim {aim})"
        for label, measures, aim in (
            ("file", files(), "90/250"),
            ("function", functions(tests=False), "8/30"),
            ("test", functions(tests=True), "8/25"),
        )
        if len(measures) > 1
    ]
    return "lines, median/p95: " + "  ".join(parts)


def _spread(measures: list[Measure]) -> str:
    sizes = [measure.size for measure in measures]
    return f"{median(sizes):.0f}/{quantiles(sizes, n=20)[-1]:.0f}"


if __name__ == "__main__":
    sys.stdout.write(f"{summary()}\n")
