"""CoinCodex as it is on the wire, on loopback: `CoinCodexStandIn(market)`, then `await start(host, port)`."""

from bot.sandbox.coincodex.faults import Faults
from bot.sandbox.coincodex.panel import CoinCodexPanel
from bot.sandbox.coincodex.server import CoinCodexStandIn

__all__ = ["CoinCodexPanel", "CoinCodexStandIn", "Faults"]
