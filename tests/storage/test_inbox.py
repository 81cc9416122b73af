"""The inbox: each update once, in order, until it is answered, and no longer than need be."""

from storage.store import Store

HOUR_MS = 3_600_000


async def test_an_update_is_stored_once_however_often_it_comes(store: Store):
    first = await store.write(lambda tx: tx.inbox.add([(7, b"a"), (8, b"b"), (7, b"a")], 0))
    again = await store.write(lambda tx: tx.inbox.add([(8, b"b"), (9, b"c")], 0))
    assert [letter.update_id for letter in first + again] == [7, 8, 9]
    assert [letter.seq for letter in first + again] == sorted(letter.seq for letter in first + again)


async def test_the_same_update_has_no_effect_after_its_answer_either(store: Store):
    (letter,) = await store.write(lambda tx: tx.inbox.add([(7, b"a")], 0))
    assert await store.write(lambda tx: tx.inbox.finish(letter.seq))
    assert not await store.write(lambda tx: tx.inbox.finish(letter.seq))
    assert await store.write(lambda tx: tx.inbox.add([(7, b"a")], 0)) == []
    assert await store.read(lambda tx: tx.inbox.waiting(0, 10)) == []


async def test_what_waits_is_handed_out_in_order_page_by_page(store: Store):
    letters = await store.write(lambda tx: tx.inbox.add([(n, b"x") for n in range(10)], 0))
    await store.write(lambda tx: tx.inbox.finish(letters[1].seq))
    page = await store.read(lambda tx: tx.inbox.waiting(0, 3))
    assert [letter.update_id for letter in page] == [0, 2, 3]
    rest = await store.read(lambda tx: tx.inbox.waiting(page[-1].seq, 100))
    assert [letter.update_id for letter in rest] == [4, 5, 6, 7, 8, 9]
    assert await store.read(lambda tx: tx.inbox.count_waiting()) == 9


async def test_a_postponed_one_keeps_its_place_and_its_tries(store: Store):
    (letter,) = await store.write(lambda tx: tx.inbox.add([(7, b"a")], 5))
    await store.write(lambda tx: tx.inbox.postpone(letter.seq, 999, 2))
    (found,) = await store.read(lambda tx: tx.inbox.waiting(0, 1))
    assert (found.seq, found.sealed, found.received_at, found.due_at, found.tries) == (letter.seq, b"a", 5, 999, 2)


async def test_tidying_forgets_what_was_answered_long_ago_and_nothing_that_waits(store: Store):
    letters = await store.write(lambda tx: tx.inbox.add([(n, b"x") for n in range(4)], 0))
    later = await store.write(lambda tx: tx.inbox.add([(10, b"x")], 2 * HOUR_MS))
    for letter in [*letters[:3], *later]:
        await store.write(lambda tx, seq=letter.seq: tx.inbox.finish(seq))
    await store.write(lambda tx: tx.inbox.tidy(HOUR_MS))
    assert await store.write(
        lambda tx: [one.update_id for one in tx.inbox.add([(0, b""), (3, b""), (10, b"")], 0)]
    ) == [0]
    assert await store.read(lambda tx: tx.inbox.count_waiting()) == 2


async def test_numbers_go_on_after_everything_was_forgotten(store: Store):
    """Whoever feeds from the inbox goes by the number it has reached."""
    letters = await store.write(lambda tx: tx.inbox.add([(n, b"x") for n in range(50)], 0))
    for letter in letters:
        await store.write(lambda tx, seq=letter.seq: tx.inbox.finish(seq))
    await store.write(lambda tx: tx.inbox.tidy(HOUR_MS))
    (new,) = await store.write(lambda tx: tx.inbox.add([(1000, b"x")], 9 * HOUR_MS))
    assert new.seq > letters[-1].seq
