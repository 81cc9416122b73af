"""Exchanges; each public module exports `build(section)`. What they have in common stands in the private ones."""

from collections.abc import Callable, Iterable
from importlib import import_module

from bot.domain.ports import Exchange
from bot.providers.exchanges._section import ExchangeSection

__all__ = ["ExchangeSection", "connect"]


def connect(names: Iterable[str], section: Callable[[str], ExchangeSection]) -> dict[str, Exchange]:
    """The exchanges by these names, in their order. Nothing heavy is imported, and nobody called, before first use."""
    return {name: import_module(f"{__name__}.{name}").build(section(name)) for name in names}
