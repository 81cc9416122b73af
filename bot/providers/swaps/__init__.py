"""Swap providers; each public module exports `build(section)`. There is one, spoken to in three dialects."""

from bot.providers.swaps._section import SwapSection
from bot.providers.swaps._signing import BadKey, require_private_key
from bot.providers.swaps.changelly import build

__all__ = ["BadKey", "SwapSection", "build", "require_private_key"]
