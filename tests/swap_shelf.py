"""A provider of swaps in memory: a ledger, stages that are set by hand, and replies that can be lost in every way."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from bot.domain.errors import Refused, Unavailable, Unsure
from bot.domain.orders import Credentials
from bot.domain.ports import Clock
from bot.domain.swaps import (
    RateKind,
    Stage,
    Swap,
    SwapCoin,
    SwapLimits,
    SwapQuote,
    SwapRequest,
    SwapTraits,
)

ENDLESS = 1e9
LATE_S = 30
BTC = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
BTC_BACK = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"
ETH = "0x28C6c06298d514Db089934071355E5743bf21d60"
ETH_DEPOSIT = "0x742d35Cc6634C0532925a3b844Bc454e4438f44e"
COINS = (
    SwapCoin("btc", "Bitcoin", "bitcoin", fixed=True, memo_name="", confirmations=1),
    SwapCoin("eth", "Ethereum", "ethereum", fixed=True, memo_name="", confirmations=12),
    SwapCoin("xrp", "Ripple", "ripple", fixed=True, memo_name="Destination Tag"),
    SwapCoin("usdtrx", "Tether USD (TRX)", "tron", memo_name=""),
    SwapCoin("usdt20", "Tether USD (ERC20)", "ethereum", contract="0xdAC1", memo_name=""),
    SwapCoin("dead", "Paused", "bitcoin", pays_in=False, pays_out=False),
)
RATES = {
    "btc": Decimal(60_000), "eth": Decimal(3_000), "xrp": Decimal("0.5"), "usdtrx": Decimal(1), "usdt20": Decimal(1),
}  # fmt: skip
FEES = {
    "btc": Decimal("0.0001"), "eth": Decimal("0.001"), "xrp": Decimal("0.2"), "usdtrx": Decimal(1),
    "usdt20": Decimal(4),
}  # fmt: skip
DEPOSITS = {"btc": BTC_BACK, "eth": ETH_DEPOSIT, "xrp": "r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59"}


@dataclass
class Entry:
    """One swap of the ledger. `shown_at`: before that moment (monotonic) a look-up does not find it."""

    key: str
    swap: Swap
    request: SwapRequest
    shown_at: float


class SwapShelf:
    """`faults` by call: the next ones to happen to it, '' for none. `turn` is awaited before and after each call.

    Of a creation: unsent, refused, lost_before, lost_after, late (arrives 30 s later), broken, garbage (no id), hang.
    Of a read: down, or the key of a refusal. `cut_off`: what becomes of a creation whose sender went away before it was
    answered.
    """

    def __init__(self, clock: Clock, **traits) -> None:
        self.clock = clock
        self.traits = SwapTraits(**{"name": "changelly", "title": "Changelly", "dialect": "v2", "batch": 10} | traits)
        self.ledger: list[Entry] = []
        self.asked: list[tuple[str, object]] = []
        self.faults: dict[str, deque[str]] = defaultdict(deque)
        self.rates, self.late = dict(RATES), []
        self.deposits = dict(DEPOSITS)
        self.deposit: Callable[[str, int], str] = lambda ticker, _number: self.deposits[ticker]
        self.coins_ = list(COINS)
        self.hidden_s = 0.0
        self.down = False
        self.refused_keys: set[str] = set()
        self.key_refused: bool | None = None
        self.turn: Callable[[str], Awaitable[None]] = _at_once
        self.cut_off: Callable[[str, SwapRequest], None] = lambda *_: None
        self.altered: Callable[[Swap], Swap] = lambda swap: swap

    # --- what the tests say -----------------------------------------------------------------------------------------

    def calls(self, what: str) -> list[object]:
        return [detail for name, detail in self.asked if name == what]

    def swaps(self) -> list[Swap]:
        self.arrive()
        return [entry.swap for entry in self.ledger]

    def set(self, swap_id: str, stage: Stage | str, raw: str = "", **more) -> None:
        stage = Stage(stage)
        entry = next(entry for entry in self.ledger if entry.swap.id == swap_id)
        entry.swap = replace(entry.swap, stage=stage, raw_stage=raw or stage.value, **more)

    def arrive(self) -> None:
        now = self.clock.monotonic()
        due = [one for one in self.late if one[0] <= now]
        self.late = [one for one in self.late if one[0] > now]
        for _, key, request in due:
            self.execute(key, request)

    def execute(self, key: str, request: SwapRequest) -> Swap:
        number, amount = len(self.ledger) + 1, Decimal(request.amount)
        gross, fee = self._gross(request.source, request.target, amount), FEES[request.target]
        fixed = request.kind is RateKind.FIXED
        swap = self.altered(
            Swap(
                id=f"swap{number:04}", source=request.source, target=request.target, stage=Stage.NEW, raw_stage="new",
                kind=request.kind, payin_address=self.deposit(request.source, number), payin_memo="",
                payout_address=request.address, payout_memo=request.memo, refund_address=request.refund_address,
                amount_expected=amount, target_expected=gross, network_fee=fee, fee_ticker=request.target,
                track_url=f"https://changelly.com/track/swap{number:04}", created_at=self.clock.now(),
                pay_till=self.clock.now() + timedelta(minutes=20) if fixed else None,
            )
        )  # fmt: skip
        self.ledger.append(Entry(key, swap, request, self.clock.monotonic() + self.hidden_s))
        return swap

    def _gross(self, source: str, target: str, amount: Decimal) -> Decimal:
        return (amount * self.rates[source] / self.rates[target]).quantize(Decimal("1e-8"))

    # --- the provider -----------------------------------------------------------------------------------------------

    def account(self, account_id: str, credentials: Credentials | None = None) -> "SwapShelfAccount":  # noqa: ARG002  # the port
        return SwapShelfAccount(self, (credentials.key or credentials.secret) if credentials else "")

    async def close(self) -> None:
        return

    async def coins(self) -> Sequence[SwapCoin]:
        await self.read("coins")
        return self.coins_

    async def quote(self, source: str, target: str, amount: Decimal, kind: RateKind) -> SwapQuote:
        await self.read("quote", (source, target, amount, kind))
        limits = self._taken(source, amount)
        gross, now = self._gross(source, target, amount), self.clock.now()
        fixed = kind is RateKind.FIXED
        return SwapQuote(
            source, target, kind, amount, now, gross=gross, network_fee=FEES[target], net=gross - FEES[target],
            rate=self.rates[source] / self.rates[target], limits=limits, rate_id="rate&1" if fixed else "",
            expires_at=now + timedelta(seconds=60) if fixed else None,
        )  # fmt: skip

    async def limits(self, source: str, target: str, kind: RateKind) -> SwapLimits:
        return (await self.quote(source, target, 600 / self.rates[source], kind)).limits

    async def rate(self, source: str, target: str, amount: Decimal, *, reverse: bool = False) -> Decimal:
        await self.read("rate", (source, target, amount, reverse))
        if reverse:
            return self._gross(target, source, amount)
        self._taken(source, amount)
        return self._gross(source, target, amount)

    def _taken(self, source: str, amount: Decimal) -> SwapLimits:
        limits = SwapLimits(60 / self.rates[source], 60_000 / self.rates[source])
        if amount < limits.least:
            raise Refused("swap.below", least=limits.least, ticker=source)
        if amount > limits.most:
            raise Refused("swap.above", most=limits.most, ticker=source)
        return limits

    async def validate(self, ticker: str, address: str, memo: str = "") -> bool | None:
        await self.read("validate", (ticker, address, memo))
        return None if not self.traits.validates else not (address.endswith("bad") or memo.endswith("bad"))

    async def read(self, name: str, detail: object = None) -> None:
        self.asked.append((name, detail))
        fault = self.faults[name].popleft() if self.faults[name] else ""
        await self.turn(name)
        if fault == "down" or self.down:
            raise Unavailable("source.down", source=self.traits.title)
        if fault:
            raise Refused(fault, source=self.traits.title, ticker="btc")


class SwapShelfAccount:
    """Under one key: '' is the operator's."""

    def __init__(self, shelf: SwapShelf, key: str) -> None:
        self._shelf, self._key = shelf, key
        self.quote, self.limits, self.rate = shelf.quote, shelf.limits, shelf.rate
        self.coins, self.validate = shelf.coins, shelf.validate

    async def create(self, request: SwapRequest) -> Swap:
        shelf = self._shelf
        fault = shelf.faults["create"].popleft() if shelf.faults["create"] else ""
        shelf.asked.append(("create", request))
        try:
            await shelf.turn("create")
        except asyncio.CancelledError:
            shelf.cut_off(self._key, request)
            raise
        if fault == "unsent":
            raise Unavailable("source.down", source=shelf.traits.title)
        if fault == "refused":
            raise Refused("swap.refused.pair", source=shelf.traits.title)
        if fault == "late":
            shelf.late.append((shelf.clock.monotonic() + LATE_S, self._key, request))
        swap = None if fault in {"lost_before", "late"} else shelf.execute(self._key, request)
        await shelf.turn("created")
        if swap is None or fault == "lost_after":
            raise Unsure("swap.unsure", intent="")
        if fault == "broken":
            raise RuntimeError("whatever may break")
        if fault == "hang":
            await asyncio.sleep(ENDLESS)
        return replace(swap, id="") if fault == "garbage" else swap

    async def find(self, payout_address: str, source: str, since: datetime) -> Sequence[Swap]:
        await self._shelf.read("find", (payout_address, source, since))
        if not self._shelf.traits.finds:
            raise Refused("swap.cannot_look_up")
        fit = (payout_address, source)
        found = [swap for swap in self._shown() if (swap.payout_address, swap.source) == fit]
        return [swap for swap in found if swap.created_at and swap.created_at >= since]

    async def get_many(self, ids: Sequence[str]) -> Mapping[str, Swap]:
        assert len(ids) <= self._shelf.traits.batch
        await self._shelf.read("get_many", tuple(ids))
        if not self._key:
            self._shelf.key_refused = "" in self._shelf.refused_keys
        if self._key in self._shelf.refused_keys:
            raise Refused("swap.refused.key", source=self._shelf.traits.title)
        return {swap.id: swap for swap in self._shown() if swap.id in ids}

    def _shown(self) -> list[Swap]:
        self._shelf.arrive()
        now = self._shelf.clock.monotonic()
        return [entry.swap for entry in self._shelf.ledger if entry.key == self._key and entry.shown_at <= now]


async def _at_once(_call: str) -> None:
    return
