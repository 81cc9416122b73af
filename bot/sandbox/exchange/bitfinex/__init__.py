"""Bitfinex's second API over an `Engine`: the stand-in, and such a venue's engine (`venue`)."""

from bot.sandbox.exchange.bitfinex.listing import venue
from bot.sandbox.exchange.bitfinex.server import BitfinexStandIn

__all__ = ["BitfinexStandIn", "venue"]
