"""A swap from its quote to its end in each dialect, at a Changelly of another hand that checks each signature."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.errors import Refused, Unavailable, Unsure
from bot.domain.orders import Credentials
from bot.domain.ports import SwapAccount
from bot.domain.swaps import RateKind, Stage, Swap, SwapRequest
from bot.providers._http import Policy
from bot.providers.swaps import SwapSection, build
from bot.providers.swaps.changelly import Changelly
from bot.sandbox.changelly import ChangellyStandIn, Login
from bot.sandbox.market import Market
from tests.providers.loopback import HandClock

from .conftest import DIALECTS, VECTORS, Counted

ETH = "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045"
BTC = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
XRP = "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"
AMOUNT = Decimal("0.1")


@dataclass
class Desk:
    """Both sides, by one clock."""

    provider: Changelly
    vendor: ChangellyStandIn
    login: Login
    clock: HandClock

    @property
    def account(self) -> SwapAccount:
        return self.provider.account("")

    async def request(self, kind: RateKind = RateKind.FLOAT) -> SwapRequest:
        quote = await self.provider.quote("btc", "eth", AMOUNT, kind)
        expected = f"{quote.net if quote.net is not None else quote.gross:f}"
        return SwapRequest("btc", "eth", kind, "0.1", ETH, "", BTC, "", quote.rate_id, expected)

    async def looked_up(self, swap: Swap) -> Swap:
        return (await self.account.get_many([swap.id]))[swap.id]


@pytest.fixture(scope="module")
def market() -> Market:
    clock = HandClock()
    return Market(invented=5, dust=0, clock=lambda: clock.now().timestamp())


@pytest.fixture(params=DIALECTS)
async def desk(request: pytest.FixtureRequest, market: Market) -> AsyncIterator[Desk]:
    clock, dialect = HandClock(), request.param
    vendor = ChangellyStandIn(market, clock=lambda: clock.now().timestamp())
    login = vendor.add_account("operator", VECTORS["private_key"])
    url = await vendor.start()
    credentials = Credentials("", login.private_key) if dialect == "v2" else Credentials(login.key, login.secret)
    section = SwapSection(
        url, None, clock, dialect, credentials, Counted(), policy=Policy(per_second=1000), sleep=clock.sleep
    )
    provider = build(section)
    assert provider is not None
    try:
        yield Desk(provider, vendor, login, clock)
    finally:
        await provider.close()
        await vendor.stop()


async def test_the_whole_story(desk):
    coins = {coin.ticker: coin for coin in await desk.provider.coins()}
    assert coins["btc"].pays_in
    assert coins["eth"].pays_out
    assert coins["usdtrx"].network == ("tron" if desk.provider.traits.memos else "")
    limits = await desk.provider.limits("btc", "eth", RateKind.FLOAT)
    assert limits.least < AMOUNT < limits.most
    assert await desk.provider.validate("eth", ETH) is (True if desk.provider.traits.validates else None)

    swap = await desk.account.create(await desk.request())
    assert (swap.stage, swap.payout_address, swap.amount_expected) == (Stage.NEW, ETH, AMOUNT)
    assert abs(swap.created_at - desk.clock.now()) < timedelta(seconds=1)
    seen = [await desk.looked_up(swap)]
    desk.vendor.pay(swap.id)
    for _ in range(4):
        seen.append(await desk.looked_up(swap))
        desk.clock.go(6)
    assert [each.stage for each in seen] == [
        Stage.WAITING, Stage.CONFIRMING, Stage.EXCHANGING, Stage.SENDING, Stage.FINISHED,
    ]  # fmt: skip
    assert {each.payin_address for each in [swap, *seen]} == {swap.payin_address}
    told = desk.vendor.transactions[swap.id]
    finished = seen[-1]
    assert (finished.amount_in, finished.amount_out) == (AMOUNT, told.amount_to)
    assert finished.payout_hash == told.payout_hash
    if desk.provider.traits.memos:
        assert finished.net_expected == finished.amount_out
        assert finished.sent_at > finished.received_at >= finished.created_at


async def test_a_fixed_rate_where_there_is_one(desk):
    if not desk.provider.traits.fixed:
        with pytest.raises(Refused, match="fixed"):
            await desk.request(RateKind.FIXED)
        return
    request = await desk.request(RateKind.FIXED)
    swap = await desk.account.create(request)
    assert swap.kind is RateKind.FIXED
    assert timedelta(0) < swap.pay_till - desk.clock.now() <= timedelta(minutes=20)
    with pytest.raises(Refused, match="rate_gone"):
        await desk.account.create(request)
    assert len(desk.vendor.transactions) == 1


async def test_what_arrives_is_what_was_quoted(desk):
    quote = await desk.provider.quote("btc", "eth", AMOUNT, RateKind.FLOAT)
    swap = await desk.account.create(await desk.request())
    desk.vendor.pay(swap.id)
    desk.clock.go(60)
    finished = await desk.looked_up(swap)
    if quote.net is not None:
        assert finished.amount_out == quote.net
    else:
        # Of its sum rest does not say whether the network fee is off.
        assert quote.gross - finished.amount_out in {0, desk.vendor.engine.coins["eth"].network_fee}


@pytest.mark.parametrize("amount", ["0.00000001", "1000000"])
async def test_an_amount_out_of_range_is_told_with_the_limit(desk, amount):
    with pytest.raises(Refused) as told:
        await desk.provider.quote("btc", "eth", Decimal(amount), RateKind.FLOAT)
    limits = await desk.provider.limits("btc", "eth", RateKind.FLOAT)
    low = Decimal(amount) < 1
    assert told.value.key == ("swap.below" if low else "swap.above")
    assert told.value.values["least" if low else "most"] == (limits.least if low else limits.most)
    assert told.value.values["ticker"] == "btc"


async def test_a_memo_is_told_where_it_can_be(desk):
    request = replace(await desk.request(), source="xrp", amount="500", refund_address=XRP)
    if not desk.provider.traits.memos:
        with pytest.raises(Refused, match="memo_untold"):
            await desk.account.create(request)
        assert desk.vendor.transactions == {}
        return
    swap = await desk.account.create(request)
    assert swap.payin_memo == desk.vendor.transactions[swap.id].payin_memo != ""


@pytest.mark.parametrize("fault", ["lost_after", "html", "empty", "error"])
async def test_a_creation_whose_reply_is_lost_is_found_where_it_can_be_looked_up(desk, fault):
    request, since = await desk.request(), desk.clock.now()
    desk.vendor.faults.set(fault, times=1, calls="place")
    with pytest.raises(Unsure):
        await desk.account.create(request)
    (made,) = desk.vendor.transactions
    if desk.provider.traits.finds:
        assert [swap.id for swap in await desk.account.find(ETH, "btc", since)] == [made]
        assert await desk.account.find(ETH, "ltc", since) == []
        assert await desk.account.find(BTC, "btc", since) == []


async def test_many_are_looked_up_as_many_at_once_as_the_dialect_takes(desk):
    request = await desk.request()
    swaps = [await desk.account.create(request) for _ in range(10)]
    before = sum(desk.vendor.calls.values())
    batch = desk.provider.traits.batch
    found = await desk.account.get_many([swap.id for swap in swaps])
    assert set(found) == {swap.id for swap in swaps[:batch]}
    assert sum(desk.vendor.calls.values()) == before + 1


@pytest.mark.parametrize("status", ["hold", "failed", "refunded", "overdue", "expired", "cancelled", "confirming"])
async def test_each_end_and_each_stop_is_told(desk, status):
    swap = await desk.account.create(await desk.request())
    desk.vendor.move(swap.id, status)
    found = await desk.looked_up(swap)
    assert found.raw_stage == status
    own = {"cancelled": "unknown"} | ({} if desk.provider.traits.memos else {"expired": "overdue"})
    assert found.stage == own.get(status, status)


@pytest.mark.parametrize("plain", [False, True])
async def test_a_key_that_was_locked_is_told(desk, plain):
    desk.vendor.rest.plain_words = plain
    desk.vendor.accounts.of(desk.login).locked = True
    rest = desk.provider.traits.dialect == "rest"
    with pytest.raises(Refused, match="allow_list" if rest else "key"):
        await desk.provider.coins()
    assert desk.provider.key_refused
    with pytest.raises(Refused, match="allow_list" if rest else "key"):
        await desk.account.create(SwapRequest("btc", "eth", RateKind.FLOAT, "0.1", ETH, expected="1"))
    desk.vendor.accounts.of(desk.login).locked = False
    assert await desk.provider.coins()
    assert desk.provider.key_refused is False


async def test_a_coin_that_was_switched_off_is_told(desk):
    request = await desk.request()
    desk.vendor.engine.coins["btc"].enabled = False
    with pytest.raises(Refused, match="paused"):
        await desk.account.create(request)
    coins = {coin.ticker: coin for coin in await desk.provider.coins()}
    assert not coins["btc"].pays_in


async def test_a_desk_nobody_answers_is_down(desk):
    await desk.vendor.stop()
    with pytest.raises(Unavailable):
        await desk.provider.coins()
    with pytest.raises(Unavailable):
        await desk.account.create(SwapRequest("btc", "eth", RateKind.FLOAT, "0.1", ETH, expected="1"))
