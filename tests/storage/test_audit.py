"""The audit: added to, never changed; a forgotten person's lines go, and his name on what he did to others."""

import sqlite3

import pytest

from bot.domain.users import User
from storage.store import Store

ANN, BEN, ROOT = 1, 2, 900


async def note(store: Store, act: str, by: int, about: int, **details) -> None:
    await store.write(lambda tx: tx.audit.add(act, by=by, about=about, **details))


async def page(store: Store, user_id=None, size=10, offset=0):
    return await store.read(lambda tx: tx.audit.page(size, offset, user_id))


async def test_lines_come_back_newest_first_with_the_names_known_now(store: Store):
    await store.write(lambda tx: tx.users.add(User(ANN, "Ann"), 0))
    await note(store, "member", ROOT, ANN)
    await note(store, "halt", ROOT, 0)
    await note(store, "limits", ANN, ANN, per_day="500")
    lines = await page(store)
    assert [(line.act, line.by, line.about) for line in lines] == [
        ("limits", "Ann", "Ann"), ("halt", "", ""), ("member", "", "Ann"),
    ]  # fmt: skip
    assert lines[0].details == {"per_day": "500"}
    assert lines[0].at_ms == store.now_ms()
    assert [line.act for line in await page(store, size=1, offset=1)] == ["halt"]


async def test_a_person_sees_what_he_did_and_what_was_done_to_him_and_nothing_else(store: Store):
    for act, by, about in (("lock", ANN, ANN), ("member", ROOT, ANN), ("lock", BEN, BEN), ("halt", ROOT, 0)):
        await note(store, act, by, about)
    assert [line.act for line in await page(store, ANN)] == ["member", "lock"]
    assert await store.read(lambda tx: (tx.audit.count(ANN), tx.audit.count(BEN), tx.audit.count())) == (2, 1, 4)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit",
        "DELETE FROM audit WHERE user_id = 1",
        "UPDATE audit SET act = 'lock'",
        "UPDATE audit SET by_id = 0",
        "UPDATE audit SET details = '{}', at = 0",
    ],
)
async def test_no_line_is_changed_or_taken_away(store: Store, statement: str):
    await note(store, "member", ROOT, ANN, note="x")
    before = await page(store)
    with pytest.raises(sqlite3.IntegrityError, match="only added to"):
        await store.write(lambda tx: tx.audit._db.conn.execute(statement))
    assert await page(store) == before


async def test_who_is_forgotten_takes_his_own_lines_along_and_no_others(store: Store):
    for act, by, about in (("lock", ANN, ANN), ("member", ROOT, ANN), ("member", ANN, BEN), ("halt", ANN, 0)):
        await note(store, act, by, about)
    await store.write(lambda tx: tx.forget(ANN, 0))
    assert [(line.act, line.by_id, line.user_id) for line in await page(store)] == [("halt", 0, 0), ("member", 0, BEN)]
    with pytest.raises(sqlite3.IntegrityError):
        await store.write(lambda tx: tx.audit._db.conn.execute("DELETE FROM audit"))


async def test_while_one_is_forgotten_the_lines_of_others_stay_shut(store: Store):
    await note(store, "member", ROOT, BEN)

    def unit(tx):
        tx.audit.open_for(ANN)
        tx.audit._db.conn.execute("DELETE FROM audit")

    with pytest.raises(sqlite3.IntegrityError):
        await store.write(unit)
    assert len(await page(store)) == 1


async def test_a_line_lives_and_dies_with_its_transaction(store: Store):
    def unit(tx):
        tx.audit.add("halt", by=ROOT, about=0)
        raise ValueError

    with pytest.raises(ValueError):
        await store.write(unit)
    assert await page(store) == []
