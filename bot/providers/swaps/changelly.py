"""Changelly: one interface over the three dialects its interface is, or was, spoken in."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from bot.domain.errors import Refused
from bot.domain.orders import Credentials
from bot.domain.ports import SwapAccount
from bot.domain.swaps import RateKind, SwapCoin, SwapLimits, SwapQuote, SwapTraits
from bot.providers.swaps._ladder import Cause
from bot.providers.swaps._line import TITLE, Lines
from bot.providers.swaps._rest import RestAccount
from bot.providers.swaps._rpc import V1Account, V2Account
from bot.providers.swaps._section import SwapSection
from bot.providers.swaps._signing import BadKey, signer
from bot.providers.tally import Tally

_DIALECTS: Mapping[str, type[V2Account] | type[RestAccount]] = {"v2": V2Account, "v1": V1Account, "rest": RestAccount}


def build(section: SwapSection) -> "Changelly | None":
    """None without the operator's credentials: nothing of it can be asked for without a key. Raises BadKey."""
    return Changelly(section, section.credentials) if section.credentials is not None else None


class Changelly:
    """A SwapProvider. Its own reads go under the operator's key."""

    def __init__(self, section: SwapSection, credentials: Credentials) -> None:
        self._section = section
        self._lines = Lines(section)
        self._operators = self._opened(credentials, section.tally)
        self.traits: SwapTraits = _DIALECTS[section.dialect].traits

    def __repr__(self) -> str:
        return f"<{TITLE} in {self.traits.dialect}>"

    @property
    def key_refused(self) -> bool | None:
        return self._section.tally.key_refused

    def account(
        self,
        account_id: str,  # noqa: ARG002  # the port's; here all goes by the key itself
        credentials: Credentials | None = None,
    ) -> SwapAccount:
        if credentials is None:
            return self._operators
        try:
            return self._opened(credentials)
        except BadKey:
            refused = Refused(Cause.KEY.value, source=TITLE)
        # Not from within the handler: nothing of the key may hang on as the context.
        raise refused

    async def coins(self) -> Sequence[SwapCoin]:
        return await self._operators.coins()

    async def quote(self, source: str, target: str, amount: Decimal, kind: RateKind) -> SwapQuote:
        return await self._operators.quote(source, target, amount, kind)

    async def limits(self, source: str, target: str, kind: RateKind) -> SwapLimits:
        return await self._operators.limits(source, target, kind)

    async def rate(self, source: str, target: str, amount: Decimal, *, reverse: bool = False) -> Decimal:
        return await self._operators.rate(source, target, amount, reverse=reverse)

    async def validate(self, ticker: str, address: str, memo: str = "") -> bool | None:
        return await self._operators.validate(ticker, address, memo)

    async def close(self) -> None:
        await self._lines.client.aclose()

    def _opened(self, credentials: Credentials, tally: Tally | None = None) -> SwapAccount:
        section = self._section
        line = self._lines.line(signer(section.dialect, credentials, section.nonces), tally)
        return _DIALECTS[section.dialect](line, section.clock)
