"""The sweep: told once where a line was crossed; not by a hair before, not while the source is silent, not twice."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.alerts import MOST_EACH, Alert, Condition, State, Way
from bot.domain.assets import WHOLE_MARKET, Asset, Symbol
from bot.domain.errors import Unavailable, UserMistake
from bot.domain.notices import Address, Mark
from bot.domain.prices import Field
from bot.domain.users import Standing, User
from bot.scheduler import Nursery
from bot.services.alerts import ASKED_AGAIN_S, Alerts
from bot.services.prices import Prices
from storage.store import Store
from tests.price_shelf import PriceShelf
from tests.still_clock import StillClock

BTC = Asset(Symbol("BTC"), "BTC", "Bitcoin")
ETH = Asset(Symbol("ETH"), "ETH", "Ethereum")
DUST = Asset(Symbol("NOTHING"), "NOTHING", "Nobody knows it")
TOTAL = Asset(WHOLE_MARKET, "TOTAL", "All coins")
ANN = User(1, "Ann")
HOUR_S = 3600


@dataclass
class Desk:
    store: Store
    shelf: PriceShelf
    clock: StillClock
    alerts: Alerts
    updates: int = field(default=0)

    def price(self, value: str, symbol: str = "BTC") -> None:
        self.shelf.coins = [(*row[:3], value, row[4]) if row[0] == symbol else row for row in self.shelf.coins]

    async def mark(self, user: User = ANN) -> Mark:
        await self.store.write(lambda tx: tx.users.add(user, 0))
        self.updates += 1
        number = self.updates
        (letter,) = await self.store.write(lambda tx: tx.inbox.add([(number, b"x")], 0))
        return Mark(letter.seq, number, user.id, Address(user.id))

    async def set(self, way: Way, target: str, asset: Asset = BTC, user: User = ANN, **more) -> Alert:
        wants = Condition(more.pop("field", Field.PRICE), way, Decimal(target), **more)
        await self.alerts.set(user, asset, wants, await self.mark(user))
        await self.told()
        return max(await self.alerts.of(user), key=lambda one: one.id)

    async def sweep(self, price: str = "", after_s: float = 30) -> list[str]:
        """Kinds of what was told by it."""
        self.clock.advance(after_s)
        if price:
            self.price(price)
        await self.alerts.check()
        return [kind for _, kind, _ in await self.told()]

    async def told(self) -> list[tuple[int, str, dict]]:
        def unit(tx):
            parcels = tx.outbox.claim(tx.now_ms, tx.now_ms + 1, 1000)
            notices = [(parcel.user_id, tx.notice_of(parcel)) for parcel in sorted(parcels, key=lambda one: one.id)]
            for parcel in parcels:
                tx.outbox.settle(parcel.id, "sent", 0)
            return [(user_id, notice.kind, notice.values) for user_id, notice in notices]

        return await self.store.write(unit)

    async def many(self, people: int) -> None:
        """All of them wait for 70000."""
        wants = Condition(Field.PRICE, Way.ABOVE, Decimal(70_000))

        def unit(tx):
            for user_id in range(1, people):
                tx.users.add(User(user_id, "x"), 0)
                tx.alerts.add(Alert(0, user_id, BTC, wants))

        await self.store.write(unit)

    async def get(self, alert: Alert) -> Alert:
        return await self.store.read(lambda tx: tx.alerts.get(alert.id))


@pytest.fixture
def desk(store: Store, shelf: PriceShelf, still: StillClock, nursery: Nursery) -> Desk:
    return Desk(store, shelf, still, Alerts(store, Prices(shelf, still, nursery), still))


async def test_a_line_is_told_once_when_it_is_reached_and_not_by_a_cent_before(desk: Desk):
    alert = await desk.set(Way.ABOVE, "70000")
    assert await desk.sweep("69999.99") == []
    desk.price("70000")
    desk.clock.advance(30)
    await desk.alerts.check()
    ((user_id, kind, values),) = await desk.told()
    assert (user_id, kind, values["value"], values["source"]) == (1, "alert_fired", "70000", "Shelf")
    assert values["alert"]["id"] == alert.id
    assert values["at"] == desk.store.now_ms()
    assert await desk.sweep("80000") == []
    assert (await desk.get(alert)).state is State.ENDED


async def test_a_line_below_is_told_when_the_price_falls_to_it(desk: Desk):
    await desk.set(Way.BELOW, "50000")
    assert await desk.sweep("50000.01") == []
    assert await desk.sweep("49000") == ["alert_fired"]


async def test_every_time_means_after_it_was_back_and_the_pause_is_over(desk: Desk):
    alert = await desk.set(Way.ABOVE, "70000", repeat_s=HOUR_S)
    assert await desk.sweep("70100") == ["alert_fired"]
    assert (await desk.get(alert)).rests
    for price in ("69900", "70100", "69651", "70100"):  # to and fro over the line, never half a percent below it
        assert await desk.sweep(price) == []
    assert await desk.sweep("69650") == []
    assert not (await desk.get(alert)).rests
    assert await desk.sweep("70100") == []  # within the hour
    assert await desk.sweep("70100", HOUR_S) == ["alert_fired"]
    assert [(await desk.get(alert)).fired, (await desk.get(alert)).state] == [2, State.ON]


async def test_a_move_counts_within_its_time_and_then_anew(desk: Desk):
    await desk.set(Way.RISE, "5", window_s=HOUR_S, repeat_s=900)
    assert await desk.sweep("60000") == []
    assert await desk.sweep("62000", 1800) == []
    desk.price("63000")
    desk.clock.advance(600)
    await desk.alerts.check()
    ((_, kind, values),) = await desk.told()
    assert (kind, values["value"], Decimal(values["since"])) == ("alert_fired", "63000", 60000)
    assert await desk.sweep("64000", 3000) == []  # within the hour after it was told
    assert await desk.sweep("67100", 1000) == []  # from 64000 that is too little
    assert await desk.sweep("67200") == ["alert_fired"]


async def test_a_slow_climb_is_no_move(desk: Desk):
    await desk.set(Way.RISE, "5", window_s=HOUR_S)
    for price in range(60_000, 70_000, 1_000):
        assert await desk.sweep(str(price), 1900) == []


@pytest.mark.parametrize(
    ("way", "price", "fires"),
    [
        (Way.RISE, "63000", True), (Way.RISE, "57000", False), (Way.FALL, "57000", True), (Way.FALL, "63000", False),
        (Way.MOVE, "63000", True), (Way.MOVE, "57000", True), (Way.MOVE, "62999", False), (Way.FALL, "57001", False),
    ],
)  # fmt: skip
async def test_a_move_has_a_direction_where_one_was_named(desk: Desk, way: Way, price: str, *, fires: bool):
    await desk.set(way, "5", window_s=HOUR_S)
    await desk.sweep("60000")
    assert await desk.sweep(price, 600) == (["alert_fired"] if fires else [])


async def test_a_day_is_remembered_over_a_restart_and_more_is_not(desk: Desk, nursery: Nursery):
    await desk.set(Way.FALL, "10", window_s=24 * HOUR_S, repeat_s=900)
    await desk.sweep("60000")
    desk.alerts = Alerts(desk.store, Prices(desk.shelf, desk.clock, nursery), desk.clock)
    assert await desk.sweep("54000", 23 * HOUR_S) == ["alert_fired"]
    await desk.sweep("54000", 25 * HOUR_S)
    assert await desk.sweep("48700", 25 * HOUR_S) == []


async def test_while_the_source_is_silent_nothing_is_told_and_nothing_lost(desk: Desk):
    alert = await desk.set(Way.ABOVE, "70000")
    desk.shelf.fault = Unavailable("source.down")
    for _ in range(3):
        assert await desk.sweep("75000") == []
    assert await desk.get(alert) == alert
    desk.shelf.fault = None
    assert await desk.sweep("75000") == ["alert_fired"]


async def test_an_old_price_tells_nothing(desk: Desk):
    await desk.set(Way.ABOVE, "70000")
    desk.price("75000")
    made = desk.shelf.quotes

    async def quotes(symbols):
        found = await made(symbols)
        desk.clock.jump(2 * HOUR_S)  # the price was made two hours ago
        return found

    desk.shelf.quotes = quotes
    assert await desk.sweep() == []
    desk.shelf.quotes = made
    assert await desk.sweep() == ["alert_fired"]


async def test_a_sweep_asks_once_for_all_coins_however_many_wait(desk: Desk):
    for user_id in range(1, 20):
        for asset, line in ((BTC, "70000"), (ETH, "4000")):
            await desk.set(Way.ABOVE, line, asset, User(user_id, "x"))
    desk.shelf.asked.clear()
    await desk.sweep()
    assert [sorted(call) for call in desk.shelf.calls("quotes")] == [["BTC", "ETH"]]


async def test_with_nobody_waiting_nobody_is_asked(desk: Desk):
    await desk.sweep()
    assert desk.shelf.asked == []


async def test_a_coin_that_nobody_knows_is_asked_for_seldom_and_holds_up_no_other(desk: Desk):
    await desk.set(Way.ABOVE, "1", DUST)
    await desk.set(Way.ABOVE, "70000")
    desk.shelf.asked.clear()
    assert await desk.sweep("75000") == ["alert_fired"]
    await desk.sweep()
    assert [len(call) for call in desk.shelf.calls("quotes")] == [2]
    await desk.sweep(after_s=ASKED_AGAIN_S)
    assert desk.shelf.calls("quotes")[-1] == ("NOTHING",)


async def test_the_whole_market_has_a_cap_that_can_be_waited_for(desk: Desk):
    """On the shelf it is 1000, a thousandth more each hour."""
    with pytest.raises(UserMistake):
        await desk.set(Way.ABOVE, "999", TOTAL, field=Field.CAP)
    await desk.set(Way.BELOW, "999", TOTAL, field=Field.CAP)
    assert await desk.sweep() == []
    await desk.set(Way.MOVE, "5", TOTAL, field=Field.CAP, window_s=HOUR_S)
    assert await desk.sweep() == []


async def test_what_holds_already_is_not_set_and_the_other_side_offered(desk: Desk):
    with pytest.raises(UserMistake) as told:
        await desk.set(Way.ABOVE, "60000")
    assert told.value.key == "alert.holds_above"
    assert told.value.suggestions == (("< 60000", "alert =BTC < 60000"),)
    with pytest.raises(UserMistake) as told:
        await desk.set(Way.BELOW, "1300000", field=Field.CAP)
    assert told.value.suggestions == (("> 1300000", "alert =BTC cap > 1300000"),)
    assert await desk.alerts.of(ANN) == []


async def test_what_holds_already_but_shall_be_told_every_time_waits_until_it_was_otherwise(desk: Desk):
    alert = await desk.set(Way.ABOVE, "50000", repeat_s=HOUR_S)
    assert alert.rests
    assert await desk.sweep("60000") == []
    assert await desk.sweep("49000") == []
    assert await desk.sweep("50000") == ["alert_fired"]


async def test_figures_tell_how_many_wait_and_how_long_ago_they_were_looked_at(desk: Desk):
    await desk.set(Way.ABOVE, "70000")
    assert await desk.alerts.figures() == {"alerts_waiting": 1, "alerts_age_seconds": -1}
    await desk.sweep("70000")
    desk.clock.advance(7)
    assert await desk.alerts.figures() == {"alerts_waiting": 0, "alerts_age_seconds": 7}


async def test_set_while_the_source_is_silent_it_waits_for_it(desk: Desk):
    desk.shelf.fault = Unavailable("source.down")
    await desk.set(Way.ABOVE, "50000")
    desk.shelf.fault = None
    assert await desk.sweep() == ["alert_fired"]


async def test_a_price_of_hours_ago_does_not_say_what_holds_now(desk: Desk):
    await desk.set(Way.ABOVE, "70000")
    await desk.sweep()
    desk.shelf.fault = Unavailable("source.down")
    desk.clock.advance(2 * HOUR_S)
    await desk.set(Way.ABOVE, "50000")
    assert len(await desk.alerts.of(ANN)) == 2


async def test_only_the_answer_to_its_own_question_ends_a_question(desk: Desk):
    alert = await desk.set(Way.ABOVE, "70000")
    await desk.store.write(lambda tx: tx.dialogs.ask(1, 1, "swap 0.1 btc", 10**15))
    await desk.alerts.again(ANN, alert.id, await desk.mark())
    await desk.alerts.delete(ANN, alert.id, await desk.mark())
    assert await desk.store.read(lambda tx: tx.dialogs.pending(1, 1, 0)) == "swap 0.1 btc"
    await desk.alerts.change(ANN, alert.id, BTC, alert.wants, await desk.mark())
    assert await desk.store.read(lambda tx: tx.dialogs.pending(1, 1, 0)) == ""


async def test_time_over_is_told_once_and_then_nothing(desk: Desk):
    alert = await desk.set(Way.ABOVE, "70000", until=desk.clock.now() + timedelta(hours=1))
    assert await desk.sweep(after_s=3599) == []
    assert await desk.sweep("75000", 1) == ["alert_ended"]
    assert await desk.sweep() == []
    assert (await desk.get(alert)).state is State.ENDED


async def test_a_person_has_so_many_and_no_more_and_others_are_not_his(desk: Desk):
    for _ in range(MOST_EACH):
        await desk.set(Way.ABOVE, "70000")
    with pytest.raises(UserMistake) as told:
        await desk.set(Way.ABOVE, "70000")
    assert (told.value.key, told.value.values["most"]) == ("alert.too_many", MOST_EACH)
    ben = User(2, "Ben")
    alert = await desk.set(Way.ABOVE, "70000", user=ben)
    for act in (desk.alerts.delete, desk.alerts.again):
        with pytest.raises(UserMistake) as told:
            await act(ANN, alert.id, await desk.mark())
        assert told.value.key == "alert.unknown"
    assert await desk.get(alert) == alert


async def test_the_same_update_twice_sets_one(desk: Desk):
    mark, wants = await desk.mark(), Condition(Field.PRICE, Way.ABOVE, Decimal(70_000))
    for _ in range(2):
        await desk.alerts.set(ANN, BTC, wants, mark)
    assert len(await desk.alerts.of(ANN)) == 1
    assert [kind for _, kind, _ in await desk.told()] == ["alert_set"]


async def test_what_is_changed_waits_anew_and_for_its_own_coin(desk: Desk):
    alert = await desk.set(Way.ABOVE, "70000", repeat_s=HOUR_S)
    await desk.sweep("70100")
    wants = Condition(Field.PRICE, Way.ABOVE, Decimal(72_000))
    await desk.alerts.change(ANN, alert.id, BTC, wants, await desk.mark())
    changed = await desk.get(alert)
    assert (changed.wants, changed.rests, changed.due_at) == (wants, False, 0)
    await desk.told()
    assert await desk.sweep("71999") == []
    assert await desk.sweep("72000") == ["alert_fired"]
    with pytest.raises(UserMistake) as told:
        await desk.alerts.change(ANN, alert.id, ETH, wants, await desk.mark())
    assert told.value.key == "alert.other_coin"


async def test_again_waits_until_it_is_otherwise_where_it_still_holds(desk: Desk):
    alert = await desk.set(Way.ABOVE, "70000")
    assert await desk.sweep("70100") == ["alert_fired"]
    await desk.alerts.again(ANN, alert.id, await desk.mark())
    ((_, _, values),) = await desk.told()
    assert values["alert"]["rests"]
    assert await desk.sweep("70200") == []
    assert await desk.sweep("69000") == []
    assert await desk.sweep("70000") == ["alert_fired"]


async def test_a_deleted_one_is_told_by_nothing_and_comes_back_by_again(desk: Desk):
    alert = await desk.set(Way.ABOVE, "70000")
    for _ in range(2):
        await desk.alerts.delete(ANN, alert.id, await desk.mark())
    assert [kind for _, kind, _ in await desk.told()] == ["alert_deleted"] * 2
    assert await desk.sweep("70100") == []
    desk.price("60000")
    desk.clock.advance(30)
    await desk.alerts.again(ANN, alert.id, await desk.mark())
    await desk.told()
    assert await desk.sweep("70100") == ["alert_fired"]


@pytest.mark.parametrize("blocked", [True, False])
async def test_who_is_blocked_is_told_nothing(desk: Desk, *, blocked: bool):
    await desk.set(Way.ABOVE, "70000", repeat_s=HOUR_S)
    if blocked:
        await desk.store.write(lambda tx: tx.users.save(User(1, "Ann", Standing.BLOCKED)))
    assert await desk.sweep("70100") == ([] if blocked else ["alert_fired"])
    assert len(await desk.alerts.of(ANN)) == (0 if blocked else 1)


async def test_two_sweeps_at_once_tell_each_one_once(desk: Desk):
    await desk.many(300)
    desk.price("70100")
    await asyncio.gather(*(desk.alerts.check() for _ in range(3)))
    told = await desk.told()
    assert sorted(user_id for user_id, _, _ in told) == list(range(1, 300))


async def test_a_sweep_cut_off_anywhere_loses_none_and_doubles_none(desk: Desk, nursery: Nursery):
    await desk.many(500)
    desk.price("70100")
    told = []
    for _ in range(4):
        running = nursery.start(desk.alerts.check(), "sweep")
        heard = []
        while not (heard or running.done()):
            heard = await desk.told()
        running.cancel()
        await asyncio.wait([running])
        told += heard
    await desk.alerts.check()
    told += await desk.told()
    assert sorted(user_id for user_id, _, _ in told) == list(range(1, 500))
