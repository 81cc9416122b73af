"""Keys: which is meant, what is refused, when one is asked about again; and what a press of lock stops."""

import asyncio
from decimal import Decimal

import pytest

from bot.domain.accounts import Held
from bot.domain.errors import NotAllowed, Refused, Unavailable, UserMistake
from bot.domain.guards import Limits
from bot.domain.notices import Address, Mark
from bot.domain.orders import Permissions
from bot.domain.users import User
from bot.services.accounts import Accounts
from bot.services.guards import Guards
from bot.services.handover import Handover
from storage.store import Store
from tests.key_shelf import GOOD, KeyShelf
from tests.still_clock import StillClock

ANN, BEN = User(1, "Ann"), User(2, "Ben")
DAY_S = 24 * 3600


class Bench:
    def __init__(self, store: Store, clock: StillClock) -> None:
        self.store, self.clock = store, clock
        self.binance = KeyShelf("binance", "Binance", aliases=("bnb_exchange",))
        self.okx = KeyShelf("okx", "OKX", secrets=("key", "secret", "password"), aliases=("okex",))
        self.exchanges = {"binance": self.binance, "okx": self.okx}
        self.accounts = Accounts(store, self.exchanges, clock)
        self.guards = Guards(store, Limits(Decimal(1000), Decimal(5000)), demanded=False)
        self.handover = Handover(
            store, self.accounts, self.exchanges, clock, page="https://desk.example", demanded=False
        )
        self._updates = 0

    async def mark(self, user: User) -> Mark:
        self._updates += 1
        number = self._updates
        (letter,) = await self.store.write(lambda tx: tx.inbox.add([(number, b"x")], 0))
        return Mark(letter.seq, number, user.id, Address(user.id))

    async def told(self) -> list[tuple[str, dict]]:
        """What lies in the outbox, oldest first; it is taken out."""

        def unit(tx):
            parcels = sorted(tx.outbox.claim(tx.now_ms, tx.now_ms + 1, 100), key=lambda one: one.id)
            for parcel in parcels:
                tx.outbox.settle(parcel.id, "sent", 0)
            return [(notice.kind, notice.values) for notice in map(tx.notice_of, parcels)]

        return await self.store.write(unit)

    async def token(self, user: User = ANN, vendor: str = "binance", label: str = "", **more) -> str:
        await self.handover.invite(user, vendor, label, "", await self.mark(user), **more)
        return str((await self.told())[-1][1]["url"]).rpartition("/")[2]

    async def hold(self, key: str, user: User = ANN, vendor: str = "binance", label: str = "", rights=GOOD) -> Held:
        given = {"key": key, "secret": "s", "password": "p"}
        self.exchanges[vendor].add(key, "s", rights)
        return await self.handover.take(await self.token(user, vendor, label), given)


@pytest.fixture
def bench(store: Store, still: StillClock) -> Bench:
    return Bench(store, still)


def key_of(error: pytest.ExceptionInfo) -> str:
    return error.value.key


# --- which one --------------------------------------------------------------------------------------------------------


async def test_without_a_key_one_is_offered_to_be_connected(bench: Bench):
    with pytest.raises(UserMistake) as told:
        await bench.accounts.of(ANN.id)
    assert key_of(told) == "account.none"
    assert told.value.suggestions == (("/keys add binance", "keys add binance"),)


async def test_the_only_key_is_meant_and_of_several_the_default_exchanges(bench: Bench):
    okx = await bench.hold("k1", vendor="okx")
    assert await bench.accounts.of(ANN.id) == okx
    binance = await bench.hold("k2")
    assert await bench.accounts.of(ANN.id) == binance
    for name in ("okx", "OKEX", "okx"):
        assert await bench.accounts.of(ANN.id, name) == okx


async def test_two_of_one_exchange_are_told_apart_by_their_labels(bench: Bench):
    await bench.hold("k1", label="main")
    second = await bench.hold("k2", label="Savings")
    with pytest.raises(UserMistake) as told:
        await bench.accounts.of(ANN.id, "binance")
    assert key_of(told) == "account.several"
    assert await bench.accounts.of(ANN.id, "binance", "savings") == second
    assert await bench.accounts.of(ANN.id, "SAVINGS") == second


async def test_a_label_that_is_not_given_is_free_and_one_that_is_taken_is_refused(bench: Bench):
    assert [(await bench.hold(f"k{n}")).label for n in range(3)] == ["binance", "binance 2", "binance 3"]
    with pytest.raises(UserMistake) as told:
        await bench.hold("k9", label="BINANCE 2")
    assert key_of(told) == "label.taken"


# --- taken and refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rights", "key"),
    [
        (Permissions(trade=True, withdraw=True), "key.withdraws"),
        (Permissions(trade=True, withdraw=None), "key.not_verified"),
    ],
)
async def test_a_key_that_may_or_might_withdraw_is_not_taken(bench: Bench, rights: Permissions, key: str):
    with pytest.raises(UserMistake) as told:
        await bench.hold("k1", rights=rights)
    assert key_of(told) == key
    assert await bench.accounts.all_of(ANN.id) == []


@pytest.mark.parametrize(
    ("fault", "kind", "key"),
    [
        (Unavailable("source.down"), Unavailable, "source.down"),
        (Refused("exchange.refused.key"), UserMistake, "key.not_working"),
        (Refused("exchange.refused.clock"), UserMistake, "key.not_verified"),
    ],
)
async def test_where_the_exchange_does_not_say_what_it_may_it_is_not_taken(bench: Bench, fault, kind, key):
    bench.binance.fault = fault
    with pytest.raises(kind) as told:
        await bench.hold("k1")
    assert key_of(told) == key
    assert await bench.accounts.all_of(ANN.id) == []


async def test_a_key_may_be_there_once_and_two_people_have_other_fingerprints_of_it(bench: Bench):
    first = await bench.hold("k1")
    with pytest.raises(UserMistake) as told:
        await bench.hold("k1")
    assert key_of(told) == "key.known"
    assert (await bench.hold("k1", user=BEN)).fingerprint != first.fingerprint


async def test_of_many_at_once_with_one_link_one_is_taken(bench: Bench):
    token = await bench.token()
    for n in range(5):
        bench.binance.add(f"k{n}", "s")
    taken = [bench.handover.take(token, {"key": f"k{n}", "secret": "s"}) for n in range(5)]
    outcomes = await asyncio.gather(*taken, return_exceptions=True)
    assert sum(isinstance(outcome, Held) for outcome in outcomes) == 1
    assert len(await bench.accounts.all_of(ANN.id)) == 1


async def test_a_field_that_is_missing_costs_no_try_and_asks_nobody(bench: Bench):
    token = await bench.token(vendor="okx")
    for given in ({}, {"key": "a"}, {"key": "a", "secret": "b"}, {"key": "a b", "secret": "b", "password": "c"}):
        with pytest.raises(UserMistake):
            await bench.handover.take(token, given)
    assert bench.okx.asked == []
    invitation, _ = await bench.handover.invitation(token)
    assert invitation.tries_left == 5


async def test_replacing_keeps_the_place_and_opens_the_new_key(bench: Bench):
    held = await bench.hold("k1", label="main")
    bench.binance.add("k2", "s")
    token = await bench.token(replaces=held.id)
    new = await bench.handover.take(token, {"key": "k2", "secret": "s"})
    assert (new.id, new.label, new.version) == (held.id, "main", 2)
    account = await bench.accounts.opened(held)
    assert account.credentials.key == "k2"
    assert bench.binance.opened[-1] == f"{held.id}:2"


async def test_nobody_replaces_or_drops_anothers(bench: Bench):
    held = await bench.hold("k1")
    with pytest.raises(UserMistake):
        await bench.token(BEN, replaces=held.id)
    with pytest.raises(UserMistake):
        await bench.accounts.drop(BEN, held.id, await bench.mark(BEN))
    assert await bench.accounts.all_of(ANN.id) == [held]


# --- used -------------------------------------------------------------------------------------------------------------


async def test_a_locked_person_uses_no_key_but_what_was_begun_can_be_settled(bench: Bench):
    held = await bench.hold("k1")
    await bench.guards.lock(ANN, await bench.mark(ANN))
    with pytest.raises(NotAllowed) as told:
        await bench.accounts.opened(held)
    assert key_of(told) == "locked.now"
    assert await bench.accounts.opened(held, settling=True)
    with pytest.raises(NotAllowed):
        await bench.token()


async def test_on_the_first_order_of_a_day_the_key_is_asked_about_and_then_no_more(bench: Bench):
    held = await bench.hold("k1")
    asked = len(bench.binance.asked)
    assert await bench.accounts.checked_today(held) == held
    assert len(bench.binance.asked) == asked
    bench.clock.advance(DAY_S)
    held = await bench.accounts.checked_today(held)
    await bench.accounts.checked_today(held)
    assert len(bench.binance.asked) == asked + 1


async def test_a_key_that_gained_withdrawal_is_frozen_told_once_and_not_used(bench: Bench):
    held = await bench.hold("k1")
    await bench.told()
    bench.binance.add("k1", "s", Permissions(trade=True, withdraw=True))
    bench.clock.advance(DAY_S)
    for _ in range(2):
        with pytest.raises(NotAllowed) as told:
            await bench.accounts.checked_today(held)
        assert key_of(told) == "account.frozen_withdraw"
        (held,) = await bench.accounts.all_of(ANN.id)
    assert [kind for kind, _ in await bench.told()] == ["key_frozen"]
    with pytest.raises(NotAllowed):
        await bench.accounts.opened(held)


@pytest.mark.parametrize("rights", [Permissions(trade=True, withdraw=None), None])
async def test_where_the_exchange_does_not_say_no_order_goes_and_nothing_is_frozen(bench: Bench, rights):
    held = await bench.hold("k1")
    bench.clock.advance(DAY_S)
    if rights:
        bench.binance.add("k1", "s", rights)
    else:
        bench.binance.fault = Unavailable("source.down")
    with pytest.raises(Unavailable):
        await bench.accounts.checked_today(held)
    assert await bench.accounts.all_of(ANN.id) == [held]


async def test_a_key_that_only_reads_places_no_order(bench: Bench):
    held = await bench.hold("k1", rights=Permissions(trade=False, withdraw=False))
    with pytest.raises(NotAllowed) as told:
        await bench.accounts.checked_today(held)
    assert key_of(told) == "account.read_only"


async def test_a_key_the_exchange_knows_no_more_is_frozen_and_thaws_when_it_is_sound_again(bench: Bench):
    held = await bench.hold("k1")
    del bench.binance.keys["k1"]
    frozen = await bench.accounts.check(held)
    assert (frozen.frozen, frozen.health.trouble) == (True, "refused")
    bench.binance.add("k1", "s")
    assert not (await bench.accounts.check(frozen)).frozen


async def test_the_weekly_round_asks_about_those_that_are_due_and_passes_by_an_exchange_that_is_down(bench: Bench):
    await bench.hold("k1")
    await bench.hold("k2", vendor="okx")
    bench.clock.advance(6 * DAY_S)
    await bench.hold("k3", label="new")
    bench.clock.advance(DAY_S + 1)
    bench.binance.asked.clear()
    bench.okx.fault = Unavailable("source.down")
    await bench.accounts.check_due()
    assert bench.binance.asked == ["k1"]
    bench.okx.fault = None
    bench.okx.asked.clear()
    await bench.accounts.check_due()
    assert bench.okx.asked == ["k2"]


async def test_a_key_with_an_undecided_order_is_not_dropped(bench: Bench):
    held = await bench.hold("k1")

    def unknown(tx, state):
        tx.accounts._db.conn.execute(
            "INSERT OR REPLACE INTO intents (id, user_id, account_id, vendor, action, state, symbol, request, offer,"
            " chat_id, created_at, expires_at)"
            " VALUES ('i', 1, ?, 'binance', 'place', ?, 'BTC/USDT', '{}', '{}', 1, 0, 0)",
            (held.id, state),
        )

    await bench.store.write(lambda tx: unknown(tx, "unknown"))
    with pytest.raises(NotAllowed) as told:
        await bench.accounts.drop(ANN, held.id, await bench.mark(ANN))
    assert key_of(told) == "account.undecided"
    await bench.store.write(lambda tx: unknown(tx, "accepted"))
    await bench.accounts.drop(ANN, held.id, await bench.mark(ANN))
    assert await bench.accounts.all_of(ANN.id) == []
