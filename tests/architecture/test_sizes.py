"""Nothing grows past the size at which a person still sees all of it."""

import ast

from tests.architecture import sizes
from tests.architecture.sources import Function, assert_none, modules

# Under these our own code still calls the function; any other decorator hands it to a framework that calls as it likes.
OURS = {
    "abstractmethod",
    "asynccontextmanager",
    "cache",
    "classmethod",
    "contextmanager",
    "lru_cache",
    "overload",
    "staticmethod",
}


def test_no_file_is_longer_than_the_gate() -> None:
    assert_none(m for m in sizes.files() if m.size > sizes.FILE_LINES)


def test_no_function_is_longer_than_the_gate() -> None:
    assert_none(m for m in sizes.functions(tests=False) if m.size > sizes.FUNCTION_LINES)


def test_no_test_is_longer_than_the_gate() -> None:
    assert_none(m for m in sizes.functions(tests=True) if m.size > sizes.TEST_LINES)


def test_no_function_takes_more_than_six_parameters() -> None:
    assert_none(
        f"{module.path}:{function.lineno} {function.name} takes {count}"
        for module in modules()
        for function, method in module.functions()
        if (count := parameters(function, method=method)) > sizes.PARAMETERS
    )


def test_parameters_are_keyword_only_from_the_third() -> None:
    """What a foreign protocol calls by position says so with a `/`, or carries the decorator of that protocol."""
    assert_none(
        f"{module.path}:{function.lineno} {function.name}: put a * after the second parameter"
        for module in modules()
        for function, method in module.functions()
        if called_by_us(function) and not sizes.is_test(function, module)
        if len(function.args.args) - has_receiver(function, method=method) > sizes.POSITIONAL
    )


def parameters(function: Function, *, method: bool) -> int:
    """Count the values that a caller can give, without the receiver."""
    given = function.args
    return len(given.posonlyargs + given.args + given.kwonlyargs) - has_receiver(function, method=method)


def has_receiver(function: Function, *, method: bool) -> bool:
    """Tell whether the first parameter is `self` or `cls`."""
    return method and "staticmethod" not in decorators(function)


def called_by_us(function: Function) -> bool:
    """Tell whether our code chooses how the function is called."""
    return not is_magic(function) and decorators(function) <= OURS


def is_magic(function: Function) -> bool:
    """Tell whether the language calls the function."""
    return function.name.startswith("__") and function.name != "__init__"


def decorators(function: Function) -> set[str]:
    """Name the decorators by their last names: `@functools.cache` is `cache`, `@app.get("/")` is `get`."""
    names = set()
    for decorator in function.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        names.add(called.attr if isinstance(called, ast.Attribute) else ast.unparse(called))
    return names
