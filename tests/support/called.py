"""A module as its users call it, which remembers what of it was called."""

import inspect
from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any

from attrs import define, field


@define
class Called:
    """Functions of `module`, passed through; `names` are those that came back, by answer or by error."""

    module: ModuleType
    names: set[str] = field(factory=set)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        function: Callable[..., Any] = getattr(self.module, name)

        @wraps(function)
        def remembered(*arguments: Any, **options: Any) -> Any:
            try:
                return function(*arguments, **options)
            finally:
                self.names.add(name)

        return remembered


def public_functions(module: ModuleType) -> set[str]:
    """Names of the functions that a module defines for others."""
    return {
        name
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__ and not name.startswith("_")
    }
