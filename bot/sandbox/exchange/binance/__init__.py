"""Binance as it is on the wire, on loopback: `BinanceStandIn(Engine(market))`, then `await start(host, port)`."""

from bot.sandbox.exchange.binance.server import BinanceStandIn

__all__ = ["BinanceStandIn"]
