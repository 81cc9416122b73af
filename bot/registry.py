"""The folder is the index: what stands in a package is part of the desk."""

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType


def modules(package: str, *, must_export: str) -> list[ModuleType]:
    """Every public module of a package, in the order of names. Raises TypeError where one lacks `must_export`."""
    found = []
    for name in sorted(info.name for info in iter_modules(import_module(package).__path__)):
        if name.startswith("_"):
            continue
        module = import_module(f"{package}.{name}")
        if not hasattr(module, must_export):
            raise TypeError(f"{module.__name__} must define {must_export}")
        found.append(module)
    return found
