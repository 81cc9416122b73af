"""A group that became a supergroup: whatever named its old chat names the new one, and no message of the old."""

from bot.domain.notices import Address, Lane, Notice
from storage.moving import NAMING
from storage.store import Store
from tests.storage.everything import fill

ANN, OLD, NEW = 1001, -5, -1005
ELSEWHERE = {"broadcasts": "the chat of an admin, where what is sent on was written: never a group"}


async def rows(store: Store, table: str, columns: str) -> list[tuple]:
    find = f"SELECT {columns} FROM {table}"  # noqa: S608  # tables of ours
    return await store.read(lambda tx: [tuple(row) for row in tx.outbox._db.conn.execute(find)])


async def test_every_table_that_names_a_chat_is_known(store: Store):
    tables = [row[0] for row in await rows(store, "sqlite_master", "name, type") if row[1] == "table"]
    naming = {table for table in tables if ("chat_id",) in await rows(store, f"pragma_table_info('{table}')", "name")}
    assert naming - set(ELSEWHERE) == set(NAMING)


async def test_every_row_of_the_old_chat_is_of_the_new_one_and_no_other(store: Store):
    await store.write(lambda tx: fill(tx, ANN, "Ann"))
    tables = [table for table in NAMING if await rows(store, table, "chat_id")]
    assert len(tables) > 4
    for table in tables:
        move = f"UPDATE {table} SET chat_id = {OLD}"  # noqa: S608
        await store.write(lambda tx, move=move: tx.outbox._db.conn.execute(move).rowcount)
    await store.write(lambda tx: fill(tx, 1002, "Bob"))
    for _ in range(2):
        await store.write(lambda tx: tx.move_chat(OLD, NEW))
        for table in tables:
            assert set(await rows(store, table, "chat_id")) == {(NEW,), (1002,)}, table


async def test_messages_of_the_old_chat_are_named_no_more(store: Store):
    await store.write(lambda tx: fill(tx, ANN, "Ann"))
    for table, cleared in NAMING.items():
        if "message_id" in cleared:
            point = f"UPDATE {table} SET chat_id = {OLD}, message_id = 7"  # noqa: S608
            await store.write(lambda tx, point=point: tx.outbox._db.conn.execute(point).rowcount)
            await store.write(lambda tx: tx.move_chat(OLD, NEW))
            assert set(await rows(store, table, "chat_id, message_id")) <= {(NEW, 0)}, table


async def test_who_was_asked_in_both_is_asked_once(store: Store):
    for chat, command in ((OLD, "settings zone"), (NEW, "phrase")):
        await store.write(lambda tx, chat=chat, command=command: tx.dialogs.ask(ANN, chat, command, 10**15))
    await store.write(lambda tx: tx.move_chat(OLD, NEW))
    assert await store.read(lambda tx: tx.dialogs.pending(ANN, NEW, 0)) == "phrase"


async def test_what_was_sent_before_stays_as_it_was(store: Store):
    notice = Notice("flood", {})
    await store.write(lambda tx: tx.tell("a", Lane.ALERT, ANN, Address(OLD, 0, 4), notice))
    (parcel,) = await store.write(lambda tx: tx.outbox.claim(tx.now_ms, tx.now_ms + 1, 1))
    await store.write(lambda tx: tx.outbox.settle(parcel.id, "sent", 1))
    await store.write(lambda tx: tx.move_chat(OLD, NEW))
    assert await rows(store, "outbox", "chat_id, edits") == [(OLD, 4)]
