"""Every error of the loader and every finding of the checker is provoked by a test that knows its exact place."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import itertools
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from scoring.model_file_reading import Reading
from scoring.model_file_yaml import YamlError
from scoring.model_findings import Remarks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

ROOT = Path(__file__).parents[2]
#: Their cases name line and column of each message.
TESTS = ("test_model_file_errors", "test_model_file_condition_errors", "test_model_check", "test_model_check_segments")
SAYING = {"problem": Reading, "warn": Remarks, "note": Remarks, "YamlError": YamlError}


def _places() -> Iterator[tuple[str, range, str]]:
    """Where something is said about a model: file, lines of the call, and the call."""
    for path in sorted((ROOT / "scoring").glob("model_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            method = isinstance(node.func, ast.Attribute)
            if name in SAYING and method == (name != "YamlError"):
                yield path.name, range(node.lineno, (node.end_lineno or node.lineno) + 1), ast.unparse(node)[:120]


def _cases(module: ModuleType) -> Iterator[Callable[[], object]]:
    for name, test in inspect.getmembers(module, inspect.isfunction):
        if name.startswith("test_"):
            yield from _parametrized(test)


def _parametrized(test: Any) -> Iterator[Callable[[], object]]:
    marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
    for combination in itertools.product(*(mark.args[1] for mark in marks)):
        arguments: dict[str, object] = {}
        for mark, values in zip(marks, combination, strict=True):
            names = [mark.args[0]] if isinstance(mark.args[0], str) else mark.args[0]
            arguments |= zip(names, values if len(names) > 1 else [values], strict=True)
        yield lambda arguments=arguments: test(**arguments)


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, int]]:
    """Lines from which something was said."""
    found: set[tuple[str, int]] = set()

    def note_caller(owner: type, name: str) -> None:
        original = getattr(owner, name)

        def noting(*args: Any, **more: Any) -> Any:
            caller = sys._getframe(1)
            found.add((Path(caller.f_code.co_filename).name, caller.f_lineno))
            return original(*args, **more)

        monkeypatch.setattr(owner, name, noting)

    for name, owner in SAYING.items():
        note_caller(owner, "__init__" if name == "YamlError" else name)
    return found


def test_everything_that_can_be_said_about_a_model_is_said_in_a_test(said: set[tuple[str, int]]) -> None:
    for name in TESTS:
        spec = importlib.util.spec_from_file_location(f"again_{name}", ROOT / "tests" / "unit" / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for case in _cases(module):
            case()

    silent = [
        f"{file}:{lines.start}: {call}"
        for file, lines, call in _places()
        if not any((file, line) in said for line in lines)
    ]

    assert len(list(_places())) > 100
    assert silent == []
