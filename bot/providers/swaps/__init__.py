"""Swap providers; each public module exports `build(section)`. There is one, spoken to in three dialects."""

from bot.providers.swaps._section import SwapSection
from bot.providers.swaps._signing import BadKey
from bot.providers.swaps.changelly import build

__all__ = ["BadKey", "SwapSection", "build"]
