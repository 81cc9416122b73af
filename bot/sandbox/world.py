"""The world of `make run` without a token: Telegram, CoinCodex, Binance, Bitfinex and Changelly over one market.

They are started and stopped together.
"""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from bot.sandbox.changelly import ChangellyPanel, ChangellyStandIn, DepositsPanel, Login
from bot.sandbox.coincodex import CoinCodexPanel, CoinCodexStandIn
from bot.sandbox.exchange import Engine
from bot.sandbox.exchange.binance import BinanceStandIn
from bot.sandbox.exchange.bitfinex import BitfinexStandIn, venue
from bot.sandbox.exchange.panel import ExchangePanel
from bot.sandbox.market import Market
from bot.sandbox.market_panel import MarketPanel
from bot.sandbox.telegram import TelegramStandIn

# Opens nothing but the stand-in of this process.
BOT_TOKEN = "424242:changedesk-sandbox"  # noqa: S105 - a made-up token of a made-up Telegram


@dataclass(frozen=True)
class World:
    """Everything the bot needs to be told to live in it; the desk page is at `telegram_url`."""

    market: Market
    telegram: TelegramStandIn
    coincodex: CoinCodexStandIn
    binance: BinanceStandIn
    bitfinex: BitfinexStandIn
    changelly: ChangellyStandIn
    telegram_url: str
    coincodex_url: str
    binance_url: str
    bitfinex_url: str
    changelly_url: str
    swap_login: Login
    bot_token: str
    admin_ids: tuple[int, ...]
    _started: AsyncExitStack

    def told(self) -> dict[str, Any]:
        """All of that as JSON has it: what another process needs to live here."""
        return {
            "telegram": self.telegram_url,
            "coincodex": self.coincodex_url,
            "binance": self.binance_url,
            "bitfinex": self.bitfinex_url,
            "changelly": self.changelly_url,
            "token": self.bot_token,
            "admins": list(self.admin_ids),
            "swap_login": self.swap_login._asdict(),
        }

    async def stop(self) -> None:
        """What was started last stops first. Idempotent."""
        await self._started.aclose()


async def serve(
    host: str = "127.0.0.1", telegram_port: int = 0, coincodex_port: int = 0, *, market: Market | None = None
) -> World:
    """Start it all, port 0 anywhere for a free one; where one part cannot start, what had started is stopped."""
    market = market or Market()
    telegram = TelegramStandIn(rates=True)
    telegram.add_bot(BOT_TOKEN, "changedesk_bot", "Changedesk")
    coincodex = CoinCodexStandIn(market)
    binance, bitfinex = BinanceStandIn(Engine(market), rates=True), BitfinexStandIn(venue(market), rates=True)
    changelly = ChangellyStandIn(market, rates=True)
    swap_login = changelly.add_account("operator")
    changelly.engine.progress.changed = telegram.worlds_moved
    telegram.worlds += [MarketPanel(market), DepositsPanel(changelly), CoinCodexPanel(coincodex)]
    telegram.worlds += [ExchangePanel(binance), ExchangePanel(bitfinex), ChangellyPanel(changelly)]
    async with AsyncExitStack() as starting:
        starting.push_async_callback(coincodex.stop)
        coincodex_url = await coincodex.start(host, coincodex_port)
        starting.push_async_callback(binance.stop)
        binance_url = await binance.start(host)
        starting.push_async_callback(bitfinex.stop)
        bitfinex_url = await bitfinex.start(host)
        starting.push_async_callback(changelly.stop)
        changelly_url = await changelly.start(host)
        starting.push_async_callback(telegram.stop)
        telegram_url = await telegram.start(host, telegram_port)
        return World(
            market=market,
            telegram=telegram,
            coincodex=coincodex,
            binance=binance,
            bitfinex=bitfinex,
            changelly=changelly,
            telegram_url=telegram_url,
            coincodex_url=coincodex_url,
            binance_url=binance_url,
            bitfinex_url=bitfinex_url,
            changelly_url=changelly_url,
            swap_login=swap_login,
            bot_token=BOT_TOKEN,
            admin_ids=tuple(sorted(person.id for person in telegram.tg.world.people.values() if person.admin)),
            _started=starting.pop_all(),
        )
