"""Swaps in rows: one a swap, one an intent; what is due; nonces that never go back."""

import asyncio
from dataclasses import replace

import pytest

from bot.domain.swap_log import StageNote, SwapRow
from bot.domain.swaps import RateKind, Stage
from tests.store_in import store_in


def row(swap_id: str = "a", **more) -> SwapRow:
    fields = {
        "intent_id": f"intent of {swap_id}", "user_id": 1, "account_id": "", "vendor": "changelly", "source": "btc",
        "target": "eth", "kind": RateKind.FIXED, "amount": "0.010000", "payin_address": "bc1q", "payout_address": "0x",
        "chat_id": 1, "created_at": 5, "stage_at": 5, "every_s": 20,
    }  # fmt: skip
    return SwapRow(swap_id, **fields | more)


@pytest.fixture
def swaps(store):
    """The repository, one call a transaction."""

    class Calls:
        def __getattr__(self, name):
            return lambda *args, **more: store.write(lambda tx: getattr(tx.swaps, name)(*args, **more))

    return Calls()


async def test_a_row_comes_back_as_it_was(swaps):
    await swaps.add(row(stage=Stage.HOLD, withheld="swap.no_memo", confirmations=3))
    assert await swaps.get("a") == row(stage=Stage.HOLD, withheld="swap.no_memo", confirmations=3)


async def test_a_swap_has_one_intent_and_an_intent_one_swap(swaps):
    assert await swaps.add(row())
    assert not await swaps.add(row(intent_id="another"))
    assert not await swaps.add(row("b", intent_id="intent of a"))
    assert (await swaps.of_intent("intent of a")).id == "a"
    assert await swaps.of_intent("another") is None


async def test_what_is_due_comes_longest_due_first_and_what_is_done_never(swaps, still):
    now = int(still.now().timestamp() * 1000)
    for name, due_at, done_at in (("late", now - 9, 0), ("later", now - 5, 0), ("not", now + 5, 0), ("done", 1, 5)):
        await swaps.add(row(name, due_at=due_at, done_at=done_at))
    assert [one.id for one in await swaps.due(now, 10)] == ["late", "later"]
    assert [one.id for one in await swaps.due(now, 1)] == ["late"]


async def test_a_row_dated_by_a_clock_that_was_set_back_is_due(swaps):
    await swaps.add(row(due_at=10 + 22_000))
    await swaps.add(row("b", due_at=11 + 22_000))
    await swaps.none_later(10, 1.1)
    assert [one.id for one in await swaps.due(10, 9)] == ["b"]


async def test_what_is_done_changes_no_more(swaps):
    await swaps.add(row(done_at=7))
    assert await swaps.update("a", stage=Stage.FAILED) is None
    await swaps.looked("a", every_s=1, due_at=1, done_at=0)
    await swaps.postpone("a", 1)
    assert await swaps.get("a") == row(done_at=7)


async def test_the_load_is_what_is_due_in_a_second(swaps):
    assert await swaps.load() == 0
    for n in range(10):
        await swaps.add(row(f"s{n}", every_s=20, done_at=9 * (n == 0)))
    assert await swaps.load() == pytest.approx(9 / 20)


async def test_a_record_is_in_the_order_it_was_heard(swaps):
    await swaps.add(row())
    notes = [StageNote(Stage.NEW, "new", 9), StageNote(Stage.UNKNOWN, "brewing", 5, told=True)]
    for note in notes:
        await swaps.note(row(), note)
    assert await swaps.record("a") == notes


async def test_a_beginning_is_one_persons_and_is_no_pattern(swaps):
    for name, user_id in (("swap1", 1), ("swap12", 1), ("swap3", 2), ("%", 1)):
        await swaps.add(row(name, user_id=user_id))
    assert [one.id for one in await swaps.of_user_like(1, "swap1", 9)] == ["swap1"]
    assert {one.id for one in await swaps.of_user_like(1, "swap", 9)} == {"swap1", "swap12"}
    assert [one.id for one in await swaps.of_user_like(1, "%", 9)] == ["%"]
    assert await swaps.of_user_like(1, "SWAP", 9) == []


async def test_a_persons_swaps_come_newest_first(swaps):
    for n in range(3):
        await swaps.add(row(f"s{n}", created_at=n))
    await swaps.add(row("other", user_id=2))
    assert [one.id for one in await swaps.of_user(1, 2)] == ["s2", "s1"]


async def test_nonces_grow_whatever_the_clock_says_and_over_restarts(tmp_path, still):
    given = []
    for at_least in (100, 100, 50, 1000, 3):
        store = store_in(tmp_path, still)
        take = lambda store=store, n=at_least: store.write(lambda tx: tx.swaps.next_nonce("key", n))  # noqa: E731  # twice
        given += await asyncio.gather(take(), take())
        store.close()
    assert given == sorted(set(given))
    assert given[:2] == [100, 101]
    assert given[6] == 1000


async def test_each_key_has_nonces_of_its_own(swaps):
    assert [await swaps.next_nonce(key, 5) for key in ("one", "other", "one")] == [5, 5, 6]


async def test_no_plan_of_what_runs_often_reads_old_rows(store, swaps):
    await swaps.add(replace(row(), done_at=1))
    queries = (
        "SELECT * FROM swaps WHERE done_at = 0 AND due_at <= 1 ORDER BY due_at LIMIT 3",
        "SELECT sum(1.0 / every_s) FROM swaps WHERE done_at = 0 AND every_s > 0",
        "SELECT count(*), min(due_at) FROM swaps WHERE done_at = 0",
    )
    for query in queries:
        plan = await store._engine.read(lambda db, q=query: [r[3] for r in db.conn.execute(f"EXPLAIN QUERY PLAN {q}")])
        assert all("swaps_due" in step for step in plan), plan
