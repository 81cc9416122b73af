"""Questions: one a person and chat, until answered, ended or too old."""

from storage.store import Store


async def test_a_newer_question_takes_the_place_of_an_older(store: Store):
    await store.write(lambda tx: tx.dialogs.ask(1, 1, "settings zone", 100))
    await store.write(lambda tx: tx.dialogs.ask(1, 1, "watch add", 200))
    assert await store.read(lambda tx: tx.dialogs.pending(1, 1, 50)) == "watch add"


async def test_a_question_belongs_to_its_person_in_its_chat(store: Store):
    await store.write(lambda tx: tx.dialogs.ask(1, 1, "settings zone", 100))
    assert await store.read(lambda tx: tx.dialogs.pending(2, 1, 50)) == ""
    assert await store.read(lambda tx: tx.dialogs.pending(1, 2, 50)) == ""


async def test_a_question_grows_old(store: Store):
    await store.write(lambda tx: tx.dialogs.ask(1, 1, "settings zone", 100))
    assert await store.read(lambda tx: tx.dialogs.pending(1, 1, 99)) == "settings zone"
    assert await store.read(lambda tx: tx.dialogs.pending(1, 1, 100)) == ""
    await store.write(lambda tx: tx.dialogs.tidy(100))
    assert not await store.write(lambda tx: tx.dialogs.end(1, 1))


async def test_a_question_ends_once(store: Store):
    await store.write(lambda tx: tx.dialogs.ask(1, 1, "settings zone", 100))
    assert await store.write(lambda tx: tx.dialogs.end(1, 1))
    assert not await store.write(lambda tx: tx.dialogs.end(1, 1))
