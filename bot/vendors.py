"""The vendors that the settings name, each with a tally of how it answers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.domain.orders import Credentials
from bot.domain.ports import Clock, Exchange, SwapProvider
from bot.providers.exchanges import ExchangeSection, connect
from bot.providers.prices.coincodex import CoinCodex, CoinCodexSection
from bot.providers.prices.coincodex import build as build_coincodex
from bot.providers.swaps import SwapSection
from bot.providers.swaps import build as build_swaps
from bot.providers.tally import Tally
from bot.settings import Settings

Nonces = Callable[[str], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Vendors:
    """`swaps` is None where the operator gave no credentials for them. `tallies` by the names of the vendors."""

    source: CoinCodex
    exchanges: dict[str, Exchange]
    swaps: SwapProvider | None
    tallies: dict[str, Tally]

    async def close(self) -> None:
        await self.source.close()
        for exchange in self.exchanges.values():
            await exchange.close()
        if self.swaps is not None:
            await self.swaps.close()


def vendors(settings: Settings, clock: Clock, nonces: Nonces) -> Vendors:
    """Asks nobody anything yet. `nonces`: the next one of a key of Changelly's, by its id."""
    tallies = {name: Tally(name) for name in ("coincodex", *settings.exchanges)}
    proxy = settings.proxy("coincodex")
    source = build_coincodex(CoinCodexSection(settings.coincodex_url, proxy, clock, tally=tallies["coincodex"]))

    def section(name: str) -> ExchangeSection:
        url, proxy = settings.exchange_url(name), settings.proxy("exchanges")
        return ExchangeSection(url, proxy, clock, tally=tallies[name])

    swaps = build_swaps(_swap_section(settings, clock, nonces, tally := Tally("changelly")))
    if swaps:
        tallies["changelly"] = tally
    return Vendors(source, connect(settings.exchanges, section), swaps, tallies)


def _swap_section(settings: Settings, clock: Clock, nonces: Nonces, tally: Tally) -> SwapSection:
    # v2 derives the name of its key from the key.
    derived = settings.changelly_dialect == "v2"
    secret = (settings.changelly_private_key if derived else settings.changelly_secret).reveal()
    credentials = Credentials("" if derived else settings.changelly_api_key.reveal(), secret) if secret else None
    url, proxy = settings.changelly_url, settings.proxy("changelly")
    return SwapSection(url, proxy, clock, settings.changelly_dialect, credentials, nonces, tally=tally)
