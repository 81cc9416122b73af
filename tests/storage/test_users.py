"""People as stored: what goes in comes out, and standing moves one way at a time."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.assets import Symbol
from bot.domain.users import Standing, User
from storage.store import Store

stored_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
symbols = stored_text.map(Symbol)
users = st.builds(
    User, st.just(1), stored_text, st.sampled_from(Standing), stored_text, stored_text, st.booleans(),
    st.lists(symbols, max_size=5).map(tuple), st.lists(st.tuples(stored_text, symbols), max_size=5).map(tuple),
)  # fmt: skip


def test_whatever_a_person_chose_comes_back_as_it_was(store: Store):
    db = store._engine._writing
    from storage.users import Users  # noqa: PLC0415

    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(users)
    def check(user):
        people = Users(db)
        people.add(user, 0)
        people.save(user)
        assert people.get(1) == user

    check()


async def test_meeting_somebody_again_changes_nothing(store: Store):
    await store.write(lambda tx: tx.users.add(User(1, "Ann"), 0))
    await store.write(lambda tx: tx.users.save(User(1, "Ann", Standing.MEMBER, "zh")))
    assert await store.write(lambda tx: tx.users.add(User(1, "Anna"), 9)) == User(1, "Ann", Standing.MEMBER, "zh")


async def test_standing_moves_once(store: Store):
    await store.write(lambda tx: tx.users.add(User(1, "Ann"), 0))
    unless = frozenset({Standing.ASKED, Standing.MEMBER})
    moved = await store.write(lambda tx: tx.users.move_standing(1, Standing.ASKED, unless=unless))
    assert moved == User(1, "Ann", Standing.ASKED)
    assert await store.write(lambda tx: tx.users.move_standing(1, Standing.ASKED, unless=unless)) is None
    assert await store.write(lambda tx: tx.users.move_standing(2, Standing.ASKED, unless=unless)) is None


async def test_reach_is_told_back(store: Store):
    await store.write(lambda tx: tx.users.add(User(1, "Ann"), 0))
    assert await store.write(lambda tx: tx.users.set_reachable(1, reachable=False)) == User(1, "Ann", reachable=False)
    assert await store.write(lambda tx: tx.users.set_reachable(2, reachable=False)) is None


async def test_who_asked_is_listed_first_then_the_newest(store: Store):
    for at, user_id in enumerate((1, 2, 3, 4)):
        await store.write(lambda tx, n=user_id, at=at: tx.users.add(User(n, "x"), at))
    await store.write(lambda tx: tx.users.save(replace(User(2, "x"), standing=Standing.ASKED)))
    page = await store.read(lambda tx: tx.users.page(3, 0))
    assert [user.id for user in page] == [2, 4, 3]
    assert [user.id for user in await store.read(lambda tx: tx.users.page(3, 3))] == [1]
    assert await store.read(lambda tx: tx.users.count()) == 4
