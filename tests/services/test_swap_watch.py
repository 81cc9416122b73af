"""Swaps watched to their end: every change recorded, what must be known said once. Numbers name the faults."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from bot.domain.errors import UserMistake
from bot.domain.guards import Limits
from bot.domain.intents import State
from bot.domain.swap_log import LOUD
from bot.domain.swaps import RateKind, Stage
from bot.domain.users import Access
from bot.services import _swap_watch as watching
from bot.services.prices import Prices
from bot.services.users import Users
from storage.swaps import Due
from tests.order_shelf import OrderShelf
from tests.swap_shelf import BTC, BTC_BACK, SwapShelf
from tests.trading_desk import ADMINS, CARD, TradingDesk, swapped

WAY = (Stage.WAITING, Stage.CONFIRMING, Stage.EXCHANGING, Stage.SENDING, Stage.FINISHED)
PAID = {"amount_out": Decimal("0.1995"), "payout_hash": "0xfeed"}


@pytest.fixture
def provider(still) -> SwapShelf:
    return SwapShelf(still)


@pytest.fixture
def desk(store, shelf, still, nursery, provider) -> TradingDesk:
    return TradingDesk(store, OrderShelf(still), Prices(shelf, still, nursery), still, provider=provider)


@pytest.fixture
def make_rich(desk):
    """The same desk, where one may make as many swaps as one likes."""

    def make() -> TradingDesk:
        desk.most, desk._quota = Limits(Decimal(1000), Decimal(1_000_000)), 1000
        desk.restart()
        return desk

    return make


@pytest.fixture
async def ann(desk):
    return await desk.person()


async def made(desk, user, **wish) -> str:
    """The swap's id; nothing of it is left to be told."""
    intent = await desk.pressed(user, await desk.swap_offered(user, swapped(**wish)))
    assert intent.state is State.ACCEPTED
    await desk.told()
    return intent.order_id


async def looked(desk, still, seconds: float = 1.0) -> list[tuple[str, str]]:
    """Kinds and stages told since, after so long."""
    still.advance(seconds)
    await desk.swaps.watch()
    return [(kind, values.get("stage", "")) for _, kind, values in await desk.told()]


async def row(desk, swap_id):
    return await desk.store.read(lambda tx: tx.swaps.get(swap_id))


def due(row):
    return Due(row.id, row.account_id, row.raw_stage, row.every_s)


async def record(desk, swap_id):
    return [note.raw for note in await desk.store.read(lambda tx: tx.swaps.record(swap_id))]


async def test_every_stage_reaches_its_person_by_itself(desk, provider, still, ann):
    swap_id = await made(desk, ann)
    said = []
    for stage in WAY:
        provider.set(swap_id, stage, **(PAID if stage is Stage.FINISHED else {}))
        said += await looked(desk, still, 60)
    assert said == [
        ("swap_card", "confirming"), ("swap_card", "exchanging"), ("swap_card", "sending"),
        ("swap_card", "finished"), ("swap_told", "finished"),
    ]  # fmt: skip
    assert await record(desk, swap_id) == ["new", "waiting", "confirming", "exchanging", "sending", "finished"]
    assert (await row(desk, swap_id)).amount_out == "0.1995"


async def test_a_change_edits_the_card_and_what_must_be_known_answers_it(desk, provider, still, ann):
    swap_id = await made(desk, ann)
    provider.set(swap_id, Stage.HOLD)
    still.advance(60)
    await desk.swaps.watch()
    parcels = await desk.store.write(lambda tx: tx.outbox.claim(tx.now_ms, tx.now_ms + 1, 10))
    assert [(one.address.edits, one.address.reply_to) for one in parcels] == [(CARD, 0), (0, CARD)]


async def test_nothing_is_said_of_what_has_not_changed(desk, provider, still, ann):
    swap_id = await made(desk, ann)
    provider.set(swap_id, Stage.CONFIRMING, confirmations=1)
    assert await looked(desk, still, 60) == [("swap_card", "confirming")]
    assert [await looked(desk, still, 30) for _ in range(5)] == [[]] * 5
    provider.set(swap_id, Stage.CONFIRMING, confirmations=2)
    assert await looked(desk, still, 30) == [("swap_card", "confirming")]
    assert len(await record(desk, swap_id)) == 2


@pytest.mark.parametrize("one", Stage)
async def test_19_any_stage_may_follow_any_other_and_none_is_announced_twice(make_rich, provider, still, ann, one):
    desk = make_rich()
    for other in Stage:
        swap_id, said = await made(desk, ann, amount="0.002"), []
        for stage in (one, other) * 3:
            provider.set(swap_id, stage, "brewing" if stage is Stage.UNKNOWN else "")
            said += await looked(desk, still, 6 * 3600 + 1 if one.ended or other.ended else 300)
            now = await row(desk, swap_id)
            assert now.stage is stage or now.done_at
        loud = [stage for kind, stage in said if kind == "swap_told"]
        reached = {one} if one.final else {one, other}
        assert all(loud.count(end) <= 1 for end in _ONCE)
        assert set(loud) == reached & LOUD
        assert bool(now.done_at) == any(stage.final for stage in reached)
        await desk.store.write(lambda tx, swap_id=swap_id: tx.swaps.update(swap_id, done_at=1))


_ONCE = (Stage.FINISHED, Stage.REFUNDED, Stage.OVERDUE, Stage.EXPIRED)


async def test_a_stage_that_flickers_is_told_once_and_one_that_comes_back_much_later_again(desk, provider, still, ann):
    swap_id, said = await made(desk, ann), []
    for stage in (Stage.HOLD, Stage.EXCHANGING, Stage.HOLD, Stage.EXCHANGING):
        provider.set(swap_id, stage)
        said += await looked(desk, still, 320)
    assert said.count(("swap_told", "hold")) == 1
    still.advance(4000)
    provider.set(swap_id, Stage.HOLD)
    assert ("swap_told", "hold") in await looked(desk, still, 20)


async def test_19_an_unknown_word_is_kept_as_it_is_and_told_to_the_admins_once(desk, provider, still, ann):
    swap_id = await made(desk, ann)
    provider.set(swap_id, Stage.UNKNOWN, "brewing")
    still.advance(60)
    await desk.swaps.watch()
    told = await desk.told()
    assert {to for to, kind, values in told if kind == "swap_alert" and values["why"] == "unknown_stage"} == ADMINS
    (card,) = [values for _, kind, values in told if kind == "swap_card"]
    assert (card["stage"], card["raw_stage"]) == ("unknown", "brewing")
    provider.set(swap_id, Stage.WAITING)
    await looked(desk, still, 60)
    provider.set(swap_id, Stage.UNKNOWN, "brewing")
    assert [kind for kind, _ in await looked(desk, still, 60)] == ["swap_card"]
    assert (await row(desk, swap_id)).done_at == 0


@pytest.mark.parametrize("end", [Stage.FINISHED, Stage.REFUNDED])
async def test_what_is_over_is_never_looked_at_again(desk, provider, still, ann, end):
    swap_id = await made(desk, ann)
    provider.set(swap_id, end)
    await looked(desk, still, 60)
    asked = len(provider.calls("get_many"))
    provider.set(swap_id, Stage.FAILED)
    for _ in range(4):
        assert await looked(desk, still, 86_400) == []
    assert (await desk.swaps.status(ann)).row.stage is end
    assert len(provider.calls("get_many")) == asked


@pytest.mark.parametrize("end", [Stage.FAILED, Stage.OVERDUE, Stage.EXPIRED])
async def test_after_an_end_that_may_still_change_it_is_looked_at_every_six_hours_for_a_week(
    desk, provider, still, ann, end
):
    swap_id = await made(desk, ann)
    provider.set(swap_id, end)
    await looked(desk, still, 220)
    asked = len(provider.calls("get_many"))
    for _ in range(10 * 24):
        await looked(desk, still, 3600)
    assert len(provider.calls("get_many")) - asked in {28, 29}
    assert (await row(desk, swap_id)).done_at > 0


async def test_a_late_deposit_is_followed_to_its_end(desk, provider, still, ann):
    swap_id = await made(desk, ann)
    provider.set(swap_id, Stage.OVERDUE)
    await looked(desk, still, 220)
    provider.set(swap_id, Stage.CONFIRMING, amount_in=Decimal("0.01"))
    assert await looked(desk, still, 6 * 3600 + 1) == [("swap_card", "confirming")]
    provider.set(swap_id, Stage.REFUNDED)
    assert ("swap_told", "refunded") in await looked(desk, still, 21)


async def test_what_nobody_paid_frees_the_days_limit_and_a_late_deposit_takes_it_again(desk, provider, still, ann):
    swap_id = await made(desk, ann)
    reserved = lambda: desk.store.read(lambda tx: tx.intents.reserved_usd(1, "2026-11-21"))  # noqa: E731  # three times
    assert await reserved() == 600
    provider.set(swap_id, Stage.OVERDUE)
    await looked(desk, still, 220)
    assert await reserved() == 0
    provider.set(swap_id, Stage.CONFIRMING)
    await looked(desk, still, 6 * 3600 + 1)
    assert await reserved() == 600


async def test_it_is_looked_at_more_often_while_money_moves_and_less_on_hold(desk, provider, still, ann):
    swap_id, pauses = await made(desk, ann), {}
    for stage in (Stage.WAITING, Stage.CONFIRMING, Stage.HOLD):
        provider.set(swap_id, stage)
        await looked(desk, still, 320)
        now = await row(desk, swap_id)
        pauses[stage] = now.due_at - desk.store.now_ms()
    assert pauses == {Stage.WAITING: 40_000, Stage.CONFIRMING: 20_000, Stage.HOLD: 300_000}


@pytest.mark.parametrize("stage", [Stage.UNKNOWN, Stage.WAITING, Stage.HOLD])
async def test_what_has_not_moved_for_days_is_looked_at_ever_more_rarely_and_never_given_up(
    desk, provider, still, ann, stage
):
    """A word nobody knows may be an end: "cancelled" would be asked about every 20 s for ever."""
    swap_id, asked = await made(desk, ann), []
    provider.set(swap_id, stage, "cancelled" if stage is Stage.UNKNOWN else "")
    for hours in (1, 48, 24 * 15):
        await looked(desk, still, 3600 * hours)
        now = await row(desk, swap_id)
        asked.append((now.due_at - desk.store.now_ms()) / 1000)
    assert asked[0] <= 300 <= asked[1] < asked[2] == 6 * 3600
    provider.set(swap_id, Stage.EXCHANGING)
    await looked(desk, still, 6 * 3600 + 1)
    assert (await row(desk, swap_id)).due_at - desk.store.now_ms() == 20_000


async def test_keys_that_are_refused_keep_nobody_else_from_being_looked_after(desk, provider, still):
    people = [await desk.person(number, vendor="changelly") for number in range(2, 14)]
    ann = await desk.person(1)
    for person in people:
        await made(desk, person)
    swap_id = await made(desk, ann)
    provider.refused_keys = {f"key{number}" for number in range(2, 14)}
    provider.set(swap_id, Stage.CONFIRMING)
    assert await looked(desk, still, 60) == [("swap_card", "confirming")]


async def test_the_admins_hear_once_that_the_operators_key_is_refused_and_again_each_day(desk, provider, still, ann):
    await made(desk, ann)
    told = []

    async def pass_hours(hours: int) -> int:
        """How many messages that made, to all of the admins."""
        told.clear()
        for _ in range(hours * 12):
            still.advance(300)
            await desk.swaps.watch()
            told.extend((to, values["since"]) for to, kind, values in await desk.told() if kind == "swap_key_refused")
        return len(told)

    assert await pass_hours(1) == 0
    provider.refused_keys = {""}
    assert await pass_hours(23) == len(ADMINS)
    assert {to for to, _ in told} == ADMINS
    desk.restart()
    provider.key_refused = None  # of a provider that was just built
    assert await pass_hours(3) == len(ADMINS)
    provider.refused_keys = set()
    assert await pass_hours(1) == 0
    provider.refused_keys = {""}
    first = still.now()
    assert await pass_hours(1) == len(ADMINS)
    assert all(since >= first.timestamp() * 1000 for _, since in told)


async def test_a_key_of_a_persons_own_is_no_matter_of_the_admins(desk, provider, still):
    await made(desk, await desk.person(2, vendor="changelly"))
    provider.refused_keys = {"key2"}
    assert await looked(desk, still, 3600) == []


async def test_a_provider_that_does_not_answer_is_left_alone_for_a_while(desk, provider, still):
    for number in range(2, 16):
        await made(desk, await desk.person(number, vendor="changelly"))
    provider.down = True
    await looked(desk, still, 60)
    assert len(provider.calls("get_many")) < watching.AT_ONCE + watching.SILENT_AFTER


async def test_a_deadline_is_not_slept_through(desk, still, ann):
    swap_id = await made(desk, ann, kind=RateKind.FIXED, refund_address=BTC)
    await looked(desk, still, 15)
    still.advance(1195 - 15)
    await desk.swaps.watch()
    assert (await row(desk, swap_id)).due_at == (await row(desk, swap_id)).pay_till + watching.AFTER_DEADLINE_MS


async def test_ten_at_a_time_are_asked_about(desk, provider, still):
    people = [await desk.person(number) for number in range(10, 13)]
    for person in people:
        for _ in range(5):
            await made(desk, person, amount="0.002")
    await looked(desk, still, 60)
    sizes = [len(ids) for ids in provider.calls("get_many")]
    assert sorted(sizes[:2]) == [5, 10]
    assert max(sizes) == 10


async def test_each_key_is_asked_about_its_own(desk, provider, still):
    first, second = await desk.person(1), await desk.person(2, vendor="changelly")
    ids = {await made(desk, first), await made(desk, second)}
    for one in ids:
        provider.set(one, Stage.CONFIRMING)
    assert await looked(desk, still, 60) == [("swap_card", "confirming")] * 2
    assert all(len(asked) == 1 for asked in provider.calls("get_many"))


async def test_a_key_that_is_gone_ends_the_watch(desk, still):
    bob = await desk.person(2, vendor="changelly")
    swap_id = await made(desk, bob)
    await desk.accounts.drop(bob, "changelly2", await desk.mark(2))
    await looked(desk, still, 60)
    assert (await row(desk, swap_id)).done_at > 0


async def test_ids_that_are_not_ours_change_nothing(desk, provider, still, ann):
    """What a second deposit makes of itself, and what an answer brings along unasked."""
    swap_id = await made(desk, ann)
    stray = provider.execute("", provider.ledger[0].request)
    provider.set(stray.id, Stage.FINISHED)
    account = provider.account("")
    found = dict(await account.get_many([swap_id])) | {swap_id: replace(stray, stage=Stage.FINISHED)}
    before = due(await row(desk, swap_id))
    await desk.store.write(lambda tx: desk.swaps._watching.heard(tx, before, found[swap_id]))
    assert await looked(desk, still, 60) == []
    assert (await desk.store.read(lambda tx: tx.swaps.get(stray.id))) is None


async def test_an_answer_that_was_overtaken_changes_nothing(desk, provider, still, ann):
    swap_id = await made(desk, ann)
    before, older = due(await row(desk, swap_id)), (await provider.account("").get_many([swap_id]))[swap_id]
    provider.set(swap_id, Stage.EXCHANGING)
    await looked(desk, still, 60)
    await desk.store.write(lambda tx: desk.swaps._watching.heard(tx, before, replace(older, stage=Stage.CONFIRMING)))
    assert await record(desk, swap_id) == ["new", "exchanging"]


@pytest.mark.parametrize("wished", ["", BTC])
async def test_where_it_was_paid_back_is_taken_over_where_nobody_wished_for_a_place(desk, provider, still, ann, wished):
    swap_id = await made(desk, ann, refund_address=wished)
    provider.set(swap_id, Stage.REFUNDED, refund_address=BTC_BACK)
    still.advance(60)
    await desk.swaps.watch()
    told = [values["refund_address"] for _, kind, values in await desk.told() if kind == "swap_told"]
    assert told == [wished or BTC_BACK]


# --- silence and slowness -------------------------------------------------------------------------------------------


async def test_a_stage_that_takes_long_is_said_once_and_then_ever_more_rarely(desk, provider, still, ann):
    swap_id, said = await made(desk, ann), []
    provider.set(swap_id, Stage.EXCHANGING)
    await looked(desk, still, 60)
    for minute in range(5, 24 * 60, 5):
        said += [(minute, kind) for kind, _ in await looked(desk, still, 300)]
    assert said == [(minute, "swap_stalled") for minute in (15, 60, 240, 960)]


async def test_a_provider_that_is_silent_is_said_to_be(desk, provider, still, ann):
    swap_id = await made(desk, ann)
    provider.set(swap_id, Stage.SENDING)
    await looked(desk, still, 60)
    provider.down = True
    for _ in range(60):
        still.advance(40)
        await desk.swaps.watch()
    (stalled,) = [values for _, kind, values in await desk.told() if kind == "swap_stalled"]
    assert (stalled["minutes"], stalled["usual_minutes"]) == (15, 15)
    assert stalled["silent_minutes"] >= 14


async def test_after_a_silence_all_that_happened_is_told(desk, provider, still, ann):
    swap_id = await made(desk, ann)
    provider.down = True
    for _ in range(60):
        assert await looked(desk, still, 60) == []
    provider.down = False
    provider.set(swap_id, Stage.FINISHED, **PAID)
    assert ("swap_told", "finished") in await looked(desk, still, 300)


async def test_after_a_restart_the_watch_goes_on(desk, provider, still, ann):
    swap_id = await made(desk, ann)
    desk.restart()
    provider.set(swap_id, Stage.FINISHED)
    assert ("swap_told", "finished") in await looked(desk, still, 60)


async def test_half_of_the_time_to_pay_is_said_once(desk, still, ann):
    await made(desk, ann, kind=RateKind.FIXED, refund_address=BTC)
    said = [(second, kind) for second in range(30, 1170, 30) for kind, _ in await looked(desk, still, 30)]
    assert [kind for _, kind in said] == ["swap_nudge"]
    assert 600 <= said[0][0] <= 700


async def test_a_mistake_of_ours_with_one_swap_leaves_the_others(desk, provider, still):
    ann, bob = await desk.person(1), await desk.person(2, vendor="changelly")
    bad, good = await made(desk, ann), await made(desk, bob)
    provider.set(bad, Stage.CONFIRMING, confirmations=object())
    provider.set(good, Stage.CONFIRMING)
    assert await looked(desk, still, 60) == [("swap_card", "confirming")]


# --- asked for ------------------------------------------------------------------------------------------------------


async def test_a_status_is_asked_for_now_and_has_its_flight_record(desk, provider, still, ann):
    swap_id = await made(desk, ann)
    for stage, minutes in ((Stage.CONFIRMING, 10), (Stage.EXCHANGING, 5)):
        provider.set(swap_id, stage)
        await looked(desk, still, 60)
        still.advance(60 * (minutes - 1))
    provider.set(swap_id, Stage.FINISHED, **PAID)
    found = await desk.swaps.status(ann, swap_id[:6])
    assert [note.stage for note in found.record] == [Stage.NEW, Stage.CONFIRMING, Stage.EXCHANGING, Stage.FINISHED]
    assert found.minutes == (1, 10, 4, 0)
    assert (found.values["net"], found.values["amount_out"], found.values["drift"]) == ("0.199", "0.1995", "0.25")
    assert not found.stale
    assert swap_id in found.support
    assert "0xfeed" in found.support
    assert not {provider.deposits["btc"], swapped().address, ann.name} & set(found.support.split())


@pytest.mark.parametrize("end", [Stage.FAILED, Stage.REFUNDED])
async def test_what_the_provider_meant_to_pay_is_not_told_as_paid(desk, provider, still, ann, end):
    swap_id = await made(desk, ann)
    for stage in (Stage.EXCHANGING, end):
        provider.set(swap_id, stage, amount_out=Decimal("0.1995"))
        await looked(desk, still, 60)
    found = await desk.swaps.status(ann)
    assert (found.values["amount_out"], found.values["drift"]) == ("", "")
    assert "paid out" not in found.support


async def test_a_status_nobody_answers_is_the_last_known(desk, provider, ann):
    await made(desk, ann)
    provider.down = True
    found = await desk.swaps.status(ann)
    assert (found.stale, found.row.stage) == (True, Stage.NEW)


async def test_a_swap_is_its_owners_alone(desk, ann):
    swap_id, bob = await made(desk, ann), await desk.person(2)
    with pytest.raises(UserMistake, match=r"swap\.unknown"):
        await desk.swaps.status(bob, swap_id)
    with pytest.raises(UserMistake, match=r"swap\.none"):
        await desk.swaps.status(bob)
    assert await desk.swaps.list(bob) == await desk.swaps.export(bob) == []


async def test_a_beginning_that_several_share_is_asked_back(desk, ann):
    for _ in range(2):
        await made(desk, ann, amount="0.002")
    with pytest.raises(UserMistake, match=r"swap\.several"):
        await desk.swaps.status(ann, "swap")
    assert len(await desk.swaps.list(ann, 1)) == 1
    assert {one.id for one in await desk.swaps.export(ann)} == {"swap0001", "swap0002"}


async def test_more_than_may_be_asked_for_makes_all_wait_alike(desk, provider, still, ann):
    await made(desk, ann)
    (one,) = await desk.swaps.list(ann)
    extra = [replace(one, id=f"x{n}", intent_id=f"x{n}", every_s=1, due_at=one.due_at + 9e9) for n in range(800)]
    await desk.store.write(lambda tx: [tx.swaps.add(each) for each in extra])
    await looked(desk, still, 60)
    pause_ms = (await row(desk, one.id)).due_at - desk.store.now_ms()
    assert 40_000 * 800 / 90 <= pause_ms <= 40_000 * 801 / 90
    provider.set(one.id, Stage.OVERDUE)
    await looked(desk, still, pause_ms / 1000)
    assert (await row(desk, one.id)).due_at - desk.store.now_ms() == watching.SELDOM_S * 1000, (
        "said to be every six hours"
    )


async def test_questions_that_are_answered_at_once_are_measured_once(desk, provider, still, ann):
    """Each for itself would find a count that another has just begun anew: pauses several times as long."""
    all_asked = asyncio.Event()

    async def at_once(call: str) -> None:
        if len(provider.calls("get_many")) > watching.AT_ONCE:
            all_asked.set()
        await all_asked.wait() if call == "get_many" else None

    await made(desk, ann)
    await looked(desk, still, 60)
    (one,) = await desk.swaps.list(ann)
    extra = [replace(one, id=f"x{n}", intent_id=f"x{n}", every_s=1, due_at=n) for n in range(60)]
    await desk.store.write(lambda tx: [tx.swaps.add(each) for each in extra])
    await desk.store.write(lambda tx: tx.swaps.postpone(one.id, 60))
    provider.turn = at_once
    await looked(desk, still, 20)
    pause_ms = (await row(desk, one.id)).due_at - desk.store.now_ms()
    # Half of the way from nine a second to what was heard in these twenty.
    assert 40_000 * 60 / 47 <= pause_ms <= 40_000 * 61 / 45


async def test_swaps_that_are_off_are_said_to_be(store, shelf, still, nursery):
    desk = TradingDesk(store, OrderShelf(still), Prices(shelf, still, nursery), still)
    ann = await desk.person()
    await desk.swaps.watch()
    with pytest.raises(UserMistake, match=r"swap\.off"):
        await desk.swap_offered(ann)
    with pytest.raises(UserMistake, match=r"swap\.off"):
        await desk.swaps.coins()
    assert desk.swaps.traits is None


async def test_37_who_has_a_swap_under_way_is_forgotten_once_it_is_over(desk, provider, still, ann):
    swap_id, users = await made(desk, ann), Users(desk.store, Access.OPEN, frozenset())
    with pytest.raises(UserMistake, match=r"forget\.open_swaps"):
        await users.forget(ann, await desk.mark())
    provider.set(swap_id, Stage.FINISHED)
    await looked(desk, still, 60)
    await users.forget(ann, await desk.mark())
    assert await row(desk, swap_id) is None
    assert await record(desk, swap_id) == []
