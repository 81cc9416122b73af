"""Changelly's JSON-RPC 2.0: v2, and v1 where it differs."""

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from bot.domain.errors import Refused, Unavailable, Unsure
from bot.domain.ports import Clock
from bot.domain.swaps import RateKind, Swap, SwapCoin, SwapLimits, SwapQuote, SwapRequest, SwapTraits
from bot.providers.swaps import _fields as fields
from bot.providers.swaps import _quotes as quotes
from bot.providers.swaps import _rows as rows
from bot.providers.swaps._ladder import Cause, Complaint, Failure, How, complaint
from bot.providers.swaps._line import TITLE, Letter, Line, Reply
from bot.providers.swaps._request import completed

Params = Mapping[str, object] | Sequence[Mapping[str, object]]

BATCH = 10
_PAGE = 100
_MOST_PAGES = 5
_VENDORS_CLOCK = timedelta(minutes=1)
"""How far the vendor's clock may be behind ours when a swap is looked for."""
_TINY = Decimal("0.00000001")
"""Below every minimum: the refusal tells both limits at once, which nothing else does that is not deprecated."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_RANGE = frozenset({Cause.BELOW, Cause.ABOVE, Cause.TOO_LITTLE, Cause.TOO_MUCH})
_UNAUTHORIZED = 401


class V2Account:
    """A SwapAccount. Its repr shows nothing."""

    traits = SwapTraits(name="changelly", title=TITLE, dialect="v2", batch=BATCH, secrets=("secret",))
    path = "/v2"

    def __init__(self, line: Line, clock: Clock) -> None:
        self._line = line
        self._clock = clock

    def __repr__(self) -> str:
        return f"<account at {TITLE}>"

    async def coins(self) -> list[SwapCoin]:
        return await self._line.read(self._letter("getCurrenciesFull", {}), rows.coins)

    async def quote(self, source: str, target: str, amount: Decimal, kind: RateKind) -> SwapQuote:
        fixed = kind is RateKind.FIXED
        asked = {"from": source, "to": target, "amountFrom": _plain(amount)}
        read = quotes.fixed_quote if fixed else quotes.float_quote
        letter = self._letter("getFixRateForAmount" if fixed else "getExchangeAmount", asked, ticker=source)
        return _worth_it(await self._line.read(letter, self._of_pair(read, source, target, amount)))

    async def limits(self, source: str, target: str, kind: RateKind) -> SwapLimits:
        method = "getFixRateForAmount" if kind is RateKind.FIXED else "getExchangeAmount"
        asked = {"from": source, "to": target, "amountFrom": _plain(_TINY)}
        found = await self._line.tried(
            self._letter(method, asked, ticker=source),
            lambda content: _limits_in(content, source, target),
        )
        if not isinstance(found, Failure):
            return found
        told = found.complaint.limits if found.complaint is not None else SwapLimits()
        if told.least is not None and told.most is not None:
            return told
        if found.cause not in _RANGE:
            raise self._line.error(found)
        return await self._pair_limits(source, target, kind)

    async def rate(self, source: str, target: str, amount: Decimal, *, reverse: bool = False) -> Decimal:
        source, target = (target, source) if reverse else (source, target)
        quote = await self.quote(source, target, amount, RateKind.FLOAT)
        brought = quote.net if quote.net is not None else quote.gross
        if brought is None:
            raise Unavailable("source.garbled", source=TITLE)
        return brought

    async def validate(self, ticker: str, address: str, memo: str = "") -> bool | None:
        asked = {"currency": ticker, "address": address} | ({"extraId": memo} if memo else {})
        return await self._line.read(self._letter("validateAddress", asked, ticker=ticker), _verdict)

    async def create(self, request: SwapRequest) -> Swap:
        fixed = request.kind is RateKind.FIXED
        letter = self._letter(
            "createFixTransaction" if fixed else "createTransaction", self._creation(request), ticker=request.source
        )
        made = await self._line.send(letter, lambda content: _row(content, rows.swap), request.address)
        swap = completed(made, request)
        if swap is None:
            raise Unsure(Cause.UNDECIDED.value, source=TITLE, intent=request.address)
        return swap

    async def find(self, payout_address: str, source: str, since: datetime) -> list[Swap]:
        since -= _VENDORS_CLOCK
        asked = {"payoutAddress": payout_address, "currency": source, "limit": _PAGE, **self._since(since)}
        found: dict[str, Swap] = {}
        for page in range(_MOST_PAGES):
            letter = self._letter("getTransactions", {**asked, "offset": page * _PAGE})
            page_of = await self._line.read(letter, _whole_page)
            found |= {swap.id: swap for swap in page_of}
            if len(page_of) < _PAGE:
                break
        else:
            # There may be more, and the one that is looked for among them.
            raise Unavailable("source.garbled", source=TITLE)
        return _sorted(swap for swap in found.values() if _fits(swap, payout_address, source, since))

    async def get_many(self, ids: Sequence[str]) -> dict[str, Swap]:
        wanted = list(dict.fromkeys(ids))[:BATCH]
        if not wanted:
            return {}
        letter = self._letter("getTransactions", {"id": wanted, "limit": len(wanted)})
        found = await self._line.read(letter, _swaps)
        return {swap.id: swap for swap in found if swap.id in wanted}

    # --- where v1 differs ---------------------------------------------------------------------------------------------

    def _creation(self, request: SwapRequest) -> dict[str, object]:
        return {"amountFrom": request.amount, **_creation(request)}

    def _since(self, since: datetime) -> dict[str, object]:
        return {"since": (since - _EPOCH) // _MICROSECOND}

    # ------------------------------------------------------------------------------------------------------------------

    async def _pair_limits(self, source: str, target: str, kind: RateKind) -> SwapLimits:
        """The deprecated way; still served."""

        def build(content: Any) -> SwapLimits | None:
            row = quotes.of_pair(content, source, target)
            return quotes.pair_limits(row, kind) if row is not None else None

        asked = [{"from": source, "to": target}]
        return await self._line.read(self._letter("getPairsParams", asked, ticker=source), build)

    def _of_pair(
        self,
        read: Callable[..., SwapQuote | None],
        source: str,
        target: str,
        amount: Decimal,
    ) -> Callable[[Any], SwapQuote | None]:
        def build(content: Any) -> SwapQuote | None:
            row = quotes.of_pair(content, source, target)
            return read(row, source, target, amount, self._clock.now()) if row is not None else None

        return build

    def _letter(self, method: str, params: Params, **about: object) -> Letter:
        """Compact, and serialised here and nowhere else. `about` goes along with an error."""
        call_id = secrets.token_hex(8)
        envelope = {"jsonrpc": "2.0", "id": call_id, "method": method, "params": params}
        body = json.dumps(envelope, separators=(",", ":")).encode()
        return Letter("POST", self.path, body, partial(_opened, call_id=call_id), about)


class V1Account(V2Account):
    """The older version. Whether its `result` is before or after the network fee is told differently."""

    traits = SwapTraits(name="changelly", title=TITLE, dialect="v1", batch=BATCH)
    path = "/"

    async def quote(self, source: str, target: str, amount: Decimal, kind: RateKind) -> SwapQuote:
        if kind is RateKind.FIXED:
            return await super().quote(source, target, amount, kind)
        asked = {"from": source, "to": target, "amount": _plain(amount)}
        build = self._of_pair(quotes.old_quote, source, target, amount)
        # A list of one tells the fees, and of a pair or an amount that will not do nothing at all; an object tells why.
        letter = self._letter("getExchangeAmount", [asked], ticker=source)
        listed = await self._line.read(letter, lambda content: () if content == [] else build(content))
        if isinstance(listed, SwapQuote):
            return _worth_it(listed)
        bare = partial(quotes.bare_quote, source=source, target=target, amount=amount, at=self._clock.now())
        return await self._line.read(self._letter("getExchangeAmount", asked, ticker=source), bare)

    async def limits(self, source: str, target: str, kind: RateKind) -> SwapLimits:
        return await self._pair_limits(source, target, kind)

    def _creation(self, request: SwapRequest) -> dict[str, object]:
        name = "amountFrom" if request.kind is RateKind.FIXED else "amount"
        return {name: request.amount, **_creation(request)}

    def _since(self, since: datetime) -> dict[str, object]:  # noqa: ARG002  # v1 has no such filter: it is done here
        return {}


def _creation(request: SwapRequest) -> dict[str, object]:
    """What is not used is left out: a null counts as given."""
    named = {
        "from": request.source,
        "to": request.target,
        "rateId": request.rate_id,
        "address": request.address,
        "extraId": request.memo,
        "refundAddress": request.refund_address,
        "refundExtraId": request.refund_memo,
    }
    return {name: value for name, value in named.items() if value}


def _opened(reply: Reply, call_id: str) -> Any:
    """The result of an envelope that answers ours. Errors come with status 200; a wrong key without any envelope."""
    document = reply.document if isinstance(reply.document, dict) else {}
    error = document.get("error")
    if error is None and reply.in_a_word:
        return Complaint(Cause.KEY)
    if isinstance(error, dict) and isinstance(error.get("message"), str):
        return complaint(error.get("code"), error["message"], error.get("data"), error.get("info"))
    if reply.status != 200 or error is not None or "result" not in document:
        return Failure(How.GARBLED, reply.status, likely=Cause.KEY if reply.status == _UNAUTHORIZED else None)
    if str(document.get("id")) != call_id:
        return Failure(How.GARBLED, reply.status)
    return document["result"]


def _plain(amount: Decimal) -> str:
    return f"{amount:f}"


def _worth_it(quote: SwapQuote) -> SwapQuote:
    if quote.net is not None and quote.net <= 0:
        # The network fee would eat it all.
        raise Refused(Cause.TOO_LITTLE.value, source=TITLE, ticker=quote.source)
    return quote


def _limits_in(content: Any, source: str, target: str) -> SwapLimits | None:
    row = quotes.of_pair(content, source, target)
    return quotes.limits(row) if row is not None else None


def _verdict(content: Any) -> bool | None:
    told = content.get("result") if isinstance(content, dict) else None
    return told if isinstance(told, bool) else None


def _row(content: Any, read: Callable[[fields.Row], Swap | None]) -> Swap | None:
    return read(content) if isinstance(content, dict) else None


def _swaps(content: Any) -> list[Swap] | None:
    found = fields.rows(content)
    return None if found is None else [swap for swap in map(rows.swap, found) if swap is not None]


def _whole_page(content: Any) -> list[Swap] | None:
    """None where one row cannot be read: it could be the very one that is looked for."""
    found = _swaps(content)
    return found if found is not None and len(found) == len(content) else None


def _fits(swap: Swap, payout_address: str, source: str, since: datetime) -> bool:
    """Whatever the vendor's own filter does."""
    if swap.payout_address.casefold() != payout_address.casefold() or swap.source != source:
        return False
    return swap.created_at is None or swap.created_at >= since


def _sorted(swaps: Any) -> list[Swap]:
    return sorted(swaps, key=lambda swap: (swap.created_at or _EPOCH, swap.id))
