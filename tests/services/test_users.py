"""People: each change with its answer, once; and who may let whom in."""

import asyncio

import pytest

from bot.domain.assets import Asset, Symbol
from bot.domain.errors import NotAllowed, UserMistake
from bot.domain.notices import Address, Mark
from bot.domain.users import Access, Standing, User
from bot.services.users import MOST_PICKS, MOST_WATCHED, Users
from storage.store import Store

ADMINS = frozenset({900, 901})
BTC = Asset(Symbol("BTC"), "BTC", "Bitcoin")
TOO_MANY = [Symbol(f"C{n}") for n in range(MOST_WATCHED + 1)]


class Desk:
    """Users over a store, and the updates their changes end."""

    def __init__(self, store: Store, access: Access = Access.APPROVAL, admins=ADMINS) -> None:
        self.store = store
        self.users = Users(store, access, admins)
        self._updates = 0

    async def mark(self, user_id: int) -> Mark:
        self._updates += 1
        number = self._updates
        (letter,) = await self.store.write(lambda tx: tx.inbox.add([(number, b"x")], 0))
        return Mark(letter.seq, number, user_id, Address(user_id))

    async def told(self) -> list[tuple[int, str, dict]]:
        """Everything said so far and not yet fetched: to whom, kind, values."""

        def unit(tx):
            parcels = tx.outbox.claim(tx.now_ms, tx.now_ms + 1, 1000)
            for parcel in parcels:
                tx.outbox.settle(parcel.id, "sent", 0)
            return [(parcel.user_id, *_parts(tx.notice_of(parcel))) for parcel in sorted(parcels, key=lambda p: p.id)]

        return await self.store.write(unit)


def _parts(notice):
    return notice.kind, notice.values


@pytest.fixture
def desk(store) -> Desk:
    return Desk(store)


@pytest.fixture
async def ann(desk) -> User:
    return await desk.users.meet(1, "Ann")


async def test_meeting_is_idempotent(desk, ann):
    met = await asyncio.gather(*(desk.users.meet(1, "Other") for _ in range(20)))
    assert met == [ann] * 20
    assert await Users(desk.store, Access.OPEN, ADMINS).meet(1, "Other") == ann


async def test_each_choice_is_stored_and_answered_once(desk, ann):
    users, mark = desk.users, await desk.mark(1)
    await users.choose_language(ann, "zh", mark)
    await users.choose_language(ann, "zh", mark)  # the same update again
    await users.choose_timezone(ann, "Asia/Tokyo", await desk.mark(1))
    await users.watch(ann, lambda _: [BTC.symbol], [BTC], await desk.mark(1))
    await users.remember_pick(ann, "XBT", BTC, "price XBT", await desk.mark(1))
    expected = User(1, "Ann", language="zh", timezone="Asia/Tokyo", watch=("BTC",), picks=(("XBT", "BTC"),))
    assert await users.get(1) == expected
    assert await desk.store.read(lambda tx: tx.users.get(1)) == expected
    assert [kind for _, kind, _ in await desk.told()] == ["settings_saved", "settings_saved", "watch_saved", "picked"]
    assert await desk.store.read(lambda tx: tx.inbox.count_waiting()) == 0


async def test_an_update_that_was_answered_changes_nothing_any_more(desk, ann):
    mark = await desk.mark(1)
    await desk.users.choose_language(ann, "zh", mark)
    await desk.users.choose_language(ann, "en", mark)
    assert (await desk.users.get(1)).language == "zh"
    assert (await desk.store.read(lambda tx: tx.users.get(1))).language == "zh"


async def test_changes_side_by_side_take_nothing_from_each_other(desk, ann):
    marks = [await desk.mark(1) for _ in range(3)]
    await asyncio.gather(
        desk.users.choose_language(ann, "zh", marks[0]),
        desk.users.watch(ann, lambda _: [BTC.symbol], [BTC], marks[1]),
        desk.users.set_reachable(1, reachable=False),
        desk.users.choose_timezone(ann, "UTC", marks[2]),
    )
    expected = User(1, "Ann", language="zh", timezone="UTC", reachable=False, watch=("BTC",))
    assert await desk.users.get(1) == expected == await desk.store.read(lambda tx: tx.users.get(1))


async def test_an_answer_ends_the_question_in_its_own_chat(desk, ann):
    await desk.store.write(lambda tx: [tx.dialogs.ask(1, chat, "settings zone", 10**15) for chat in (1, 2)])
    await desk.users.choose_timezone(ann, "UTC", await desk.mark(1))
    assert await desk.store.read(lambda tx: [tx.dialogs.pending(1, chat, 0) for chat in (1, 2)]) == [
        "",
        "settings zone",
    ]


async def test_two_changes_of_a_list_that_know_nothing_of_each_other_both_hold(desk, ann):
    """A press may overtake a typed line; both were answered, so both must have happened."""
    await desk.users.watch(ann, lambda _: [Symbol("BTC"), Symbol("ETH")], [BTC], await desk.mark(1))
    await desk.users.watch(ann, lambda before: [s for s in before if s != "BTC"], [], await desk.mark(1))
    await desk.users.watch(ann, lambda before: [*before, Symbol("SOL")], [], await desk.mark(1))
    stored = await desk.store.read(lambda tx: tx.users.get(ann.id))
    assert stored.watch == ("ETH", "SOL")


async def test_a_list_is_bounded_and_picks_forget_the_oldest(desk, ann):
    with pytest.raises(UserMistake) as told:
        await desk.users.watch(ann, lambda _: TOO_MANY, [], await desk.mark(1))
    assert told.value.key == "watch.full"
    for n in range(MOST_PICKS + 2):
        await desk.users.remember_pick(ann, f"T{n}", BTC, "", await desk.mark(1))
    await desk.users.remember_pick(ann, "T5", BTC, "", await desk.mark(1))
    picks = (await desk.users.get(1)).picks
    assert len(picks) == MOST_PICKS
    assert (picks[0][0], picks[-1][0]) == ("T2", "T5")


async def test_asking_tells_every_admin_once(desk, ann):
    for _ in range(3):
        await desk.users.ask_access(ann, await desk.mark(1))
    said = await desk.told()
    assert sorted(to for to, kind, _ in said if kind == "access_asked") == [900, 901]
    answers = [values for to, kind, values in said if kind == "access_pending"]
    assert answers == [{"standing": "asked", "user_id": 1}] * 3
    assert (await desk.users.get(1)).standing is Standing.ASKED


@pytest.mark.parametrize(
    ("standing", "kind"), [(Standing.MEMBER, "access_granted"), (Standing.BLOCKED, "access_refused")]
)
@pytest.mark.usefixtures("ann")
async def test_a_decision_is_told_to_both_once(desk, standing, kind):
    for _ in range(2):
        await desk.users.decide_access(1, standing, await desk.mark(900))
    decided = (900, "access_decided", {"user_id": 1, "name": "Ann", "standing": standing})
    assert await desk.told() == [(1, kind, {}), decided, decided]
    assert (await desk.users.get(1)).standing is standing
    assert desk.users.may_use_money(await desk.users.get(1)) is (standing is Standing.MEMBER)


async def test_nobody_decides_about_an_admin_or_a_stranger_to_the_desk(desk):
    await desk.users.meet(900, "Root")
    with pytest.raises(NotAllowed) as told:
        await desk.users.decide_access(900, Standing.BLOCKED, await desk.mark(901))
    assert told.value.key == "access.is_admin"
    with pytest.raises(UserMistake) as unknown:
        await desk.users.decide_access(77, Standing.MEMBER, await desk.mark(900))
    assert unknown.value.key == "user.unknown"
    assert await desk.told() == []


async def test_who_is_blocked_cannot_ask_again(desk, ann):
    await desk.users.decide_access(1, Standing.BLOCKED, await desk.mark(900))
    await desk.told()
    await desk.users.ask_access(ann, await desk.mark(1))
    assert await desk.told() == [(1, "access_pending", {"standing": "blocked", "user_id": 1})]


@pytest.mark.parametrize(
    ("access", "admins", "takes"),
    [
        (Access.APPROVAL, ADMINS, True),
        (Access.APPROVAL, frozenset(), False),
        (Access.OPEN, ADMINS, False),
        (Access.LIST, ADMINS, False),
    ],
)
async def test_requests_are_taken_where_somebody_can_decide_them(store, access, admins, takes):
    assert Desk(store, access, admins).users.takes_requests is takes


@pytest.mark.usefixtures("ann")
async def test_reach_is_written_only_where_it_changes(desk):
    await desk.users.set_reachable(1, reachable=False)
    assert not (await desk.users.get(1)).reachable
    await desk.store.write(lambda tx: tx.users.set_reachable(1, reachable=True))  # behind its back
    await desk.users.set_reachable(1, reachable=False)
    assert (await desk.store.read(lambda tx: tx.users.get(1))).reachable
    await desk.users.set_reachable(77, reachable=False)  # nobody: no fault


async def test_an_owner_names_an_admin_who_then_decides_and_outlives_a_restart(desk, ann):
    await desk.users.meet(2, "Ben")
    await desk.users.decide_access(ann.id, Standing.ADMIN, await desk.mark(900))
    assert (1, "admin_named", {}) in await desk.told()
    again = Users(desk.store, Access.LIST, ADMINS)
    await again.recover()
    assert again.admins == desk.users.admins == {1, 900, 901}
    assert again.may_use_money(await again.get(1))
    await desk.users.decide_access(2, Standing.MEMBER, await desk.mark(1))
    assert (await desk.users.get(2)).standing is Standing.MEMBER


@pytest.mark.parametrize(
    ("by", "about", "standing"),
    [(1, 2, Standing.ADMIN), (1, 3, Standing.BLOCKED), (1, 3, Standing.MEMBER), (2, 4, Standing.MEMBER), (1, 900, "x")],
)
async def test_no_admin_makes_or_unmakes_another_and_nobody_else_decides(desk, by, about, standing):
    for user_id in (1, 2, 3, 4, 900):
        await desk.users.meet(user_id, "x")
    for user_id in (1, 3):
        await desk.users.decide_access(user_id, Standing.ADMIN, await desk.mark(900))
    await desk.told()
    with pytest.raises(NotAllowed):
        await desk.users.decide_access(about, standing, await desk.mark(by))
    assert await desk.told() == []
    assert desk.users.admins == {1, 3, 900, 901}


@pytest.mark.usefixtures("ann")
async def test_an_admin_who_lost_his_right_meanwhile_decides_nothing(desk):
    await desk.users.meet(2, "Ben")
    await desk.users.decide_access(1, Standing.ADMIN, await desk.mark(900))
    waiting = await desk.mark(1)
    await desk.users.decide_access(1, Standing.MEMBER, await desk.mark(900))
    assert ("admin_ended", {}) in [(kind, values) for _, kind, values in await desk.told()]
    with pytest.raises(NotAllowed):
        await desk.users.decide_access(2, Standing.MEMBER, waiting)
    assert desk.users.admins == ADMINS


async def test_an_admin_who_is_forgotten_is_none_any_more(desk, ann):
    await desk.users.decide_access(1, Standing.ADMIN, await desk.mark(900))
    await desk.users.forget(ann, await desk.mark(1))
    assert desk.users.admins == ADMINS


@pytest.mark.usefixtures("ann")
async def test_each_decision_is_in_the_audit_once_with_the_change(desk):
    for standing in (Standing.MEMBER, Standing.MEMBER, Standing.ADMIN, Standing.MEMBER, Standing.BLOCKED):
        await desk.users.decide_access(1, standing, await desk.mark(900))
    lines = await desk.store.read(lambda tx: tx.audit.page(10, 0))
    assert [(line.act, line.by_id, line.user_id) for line in reversed(lines)] == [
        (act, 900, 1) for act in ("access_granted", "admin_named", "admin_ended", "access_refused")
    ]
