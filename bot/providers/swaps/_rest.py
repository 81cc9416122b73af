"""Changelly as the third document describes it: resources under /api/v1, a nonce, and much that is not told.

Neither networks nor fees, memos or refunds, and only floating rates. `reverse` of its rates shows the other direction.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import quote as escaped

from bot.domain.errors import Refused, Unsure
from bot.domain.money import EXACT
from bot.domain.ports import Clock
from bot.domain.swaps import RateKind, Swap, SwapCoin, SwapLimits, SwapQuote, SwapRequest, SwapTraits
from bot.providers.swaps import _rows as rows
from bot.providers.swaps._fields import positive
from bot.providers.swaps._ladder import INVALID_PARAMS, Cause, Complaint, Failure, How, complaint
from bot.providers.swaps._line import TITLE, Letter, Line, Reply
from bot.providers.swaps._request import completed

_API = "/api/v1"
MEMO_COINS = frozenset(
    {
        *("xrp", "xlm", "eos", "ignis", "bnb", "xmr", "ardr", "ardor", "dct", "xem", "steem", "stx"),
        *("tia", "ton", "usdton", "wax", "waxp", "xdb", "xym"),
        *("akt", "algo", "atom", "axl", "band", "cro", "dydx", "dym", "fet", "hbar", "hive", "inj", "iost"),
        *("juno", "kava", "luna", "lunc", "osmo", "rose", "rune", "saga", "scrt", "sei", "strd"),
    }
)
"""Whose deposits may need a memo, which this dialect cannot tell: Changelly's own list, and networks that have them."""


class RestAccount:
    """A SwapAccount. Its repr shows nothing."""

    traits = SwapTraits(
        name="changelly",
        title=TITLE,
        dialect="rest",
        fixed=False,
        batch=1,
        finds=False,
        memos=False,
        refunds=False,
        validates=False,
    )

    def __init__(self, line: Line, clock: Clock) -> None:
        self._line = line
        self._clock = clock

    def __repr__(self) -> str:
        return f"<account at {TITLE}>"

    async def coins(self) -> list[SwapCoin]:
        return await self._line.read(_get("/currencies"), lambda content: rows.rest_coins(content, MEMO_COINS))

    async def quote(self, source: str, target: str, amount: Decimal, kind: RateKind) -> SwapQuote:
        if kind is RateKind.FIXED:
            raise Refused(Cause.NO_FIXED.value, source=TITLE)
        _no_memo_coin(source)
        brought = await self._exchange_amount(source, target, amount, "direct")
        return SwapQuote(
            source=source,
            target=target,
            kind=kind,
            amount=amount,
            fetched_at=self._clock.now(),
            gross=brought,
            rate=EXACT.divide(brought, amount),
        )

    async def limits(self, source: str, target: str, kind: RateKind) -> SwapLimits:
        if kind is RateKind.FIXED:
            raise Refused(Cause.NO_FIXED.value, source=TITLE)
        asked = {"from": source, "to": target}
        least = await self._line.read(_post("/minAmount", asked, ticker=source), _result)
        return SwapLimits(least, await self._line.read(_post("/maxAmount", asked, ticker=source), _result))

    async def rate(self, source: str, target: str, amount: Decimal, *, reverse: bool = False) -> Decimal:
        return await self._exchange_amount(source, target, amount, "reverse" if reverse else "direct")

    async def validate(self, ticker: str, address: str, memo: str = "") -> bool | None:  # noqa: ARG002  # the port's
        return None

    async def create(self, request: SwapRequest) -> Swap:
        if request.kind is RateKind.FIXED:
            raise Refused(Cause.NO_FIXED.value, source=TITLE)
        _no_memo_coin(request.source)
        asked = {
            "from": request.source,
            "to": request.target,
            "address": request.address,
            "amountExpectedFrom": request.amount,
            "amountExpectedTo": request.expected,
            "extraId": request.memo or None,
        }
        made = await self._line.send(_post("/transactions", asked, ticker=request.source), _swap, request.address)
        # Where it would be paid back to cannot be said here.
        swap = completed(made, replace(request, refund_address="", refund_memo=""))
        if swap is None:
            raise Unsure(Cause.UNDECIDED.value, source=TITLE, intent=request.address)
        return swap

    async def find(self, payout_address: str, source: str, since: datetime) -> list[Swap]:  # noqa: ARG002  # the port's
        raise Refused(Cause.NO_LIST.value, source=TITLE)

    async def get_many(self, ids: Sequence[str]) -> dict[str, Swap]:
        found: dict[str, Swap] = {}
        for swap_id in list(dict.fromkeys(ids))[: self.traits.batch]:
            swap = await self._line.tried(_one(swap_id), _swap)
            if isinstance(swap, Failure):
                if swap.cause is not Cause.NO_SWAP:
                    raise self._line.error(swap)
            elif swap.id == swap_id:
                found[swap_id] = swap
        return found

    async def _exchange_amount(self, source: str, target: str, amount: Decimal, kind: str) -> Decimal:
        asked = {"from": source, "to": target, "amount": f"{amount:f}", "type": kind}
        return await self._line.read(_post("/exchangeAmount", asked, ticker=source), _result)


def _post(path: str, asked: Mapping[str, object], **about: object) -> Letter:
    """Compact, and serialised here and nowhere else."""
    return Letter("POST", _API + path, json.dumps(asked, separators=(",", ":")).encode(), _opened, about)


def _get(path: str) -> Letter:
    return Letter("GET", _API + path, b"", _opened)


def _one(swap_id: str) -> Letter:
    """Where status 404 is an answer."""
    path = f"{_API}/transactions/{escaped(swap_id, safe='')}"
    return Letter("GET", path, b"", partial(_opened, missing=Cause.NO_SWAP))


def _opened(reply: Reply, missing: Cause = Cause.REQUEST) -> Any:
    """Errors have a status of their own, and an object with code and message whose exact shape is told nowhere."""
    if reply.status in {200, 201}:
        return Failure(How.GARBLED, reply.status) if reply.document is None else reply.document
    told = _words(reply.document)
    if reply.status in {401, 403}:
        return _turned_away(reply, told)
    if told is None or not 400 <= reply.status < 500:
        return Failure(How.GARBLED, reply.status)
    message, data = told
    found = complaint(INVALID_PARAMS, message, data)
    if reply.status == 429:
        return Complaint(Cause.RATE)
    return Complaint(missing) if reply.status == 404 else found


def _turned_away(reply: Reply, told: tuple[str, Any] | None) -> Complaint | Failure:
    """A server that is not on the key's allow-list is answered like a wrong key. What is neither an object nor the
    plain word may come from anybody on the way: then a creation is not surely refused.
    """
    found = complaint(INVALID_PARAMS, *told) if told else None
    if found is not None and found.cause is Cause.NONCE:
        return found
    if isinstance(reply.document, dict) or reply.in_a_word:
        return Complaint(Cause.ALLOW_LIST)
    return Failure(How.GARBLED, reply.status, likely=Cause.ALLOW_LIST)


def _words(document: Any) -> tuple[str, Any] | None:
    """Message and what came with it; the object may stand in an `error` of its own."""
    inner = document.get("error", document) if isinstance(document, dict) else None
    if isinstance(inner, str):
        return inner, document
    if not isinstance(inner, dict) or not isinstance(inner.get("message"), str):
        return None
    return inner["message"], inner.get("data")


def _no_memo_coin(source: str) -> None:
    """A deposit without its memo would be lost, and this dialect never tells one."""
    if source in MEMO_COINS:
        raise Refused(Cause.MEMO_UNTOLD.value, source=TITLE, ticker=source)


def _result(content: Any) -> Decimal | None:
    return positive(content.get("result")) if isinstance(content, dict) else None


def _swap(content: Any) -> Swap | None:
    return rows.rest_swap(content) if isinstance(content, dict) else None
