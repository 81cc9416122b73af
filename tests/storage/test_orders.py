"""Orders that are followed: once each, by pairs, and an end stays an end."""

import pytest

from storage.store import Store


def order(number: int = 1, **more) -> dict[str, object]:
    plain = {
        "account_id": "k1", "vendor": "binance", "order_id": str(number), "intent_id": f"i{number}", "user_id": 1,
        "symbol": "BTC/USDT", "side": "buy", "kind": "limit", "wallet": "spot", "amount": "0.010", "price": "60000",
        "chat_id": 1, "created_at": number, "due_at": number,
    }  # fmt: skip
    return plain | more


async def test_an_order_is_followed_once(store: Store):
    one = await store.write(lambda tx: tx.orders.add(order()))
    assert await store.write(lambda tx: tx.orders.add(order(intent_id="other"))) == one
    assert (one.amount, one.intent_id, one.filled) == ("0.010", "i1", "0")


async def test_the_same_number_of_another_pair_or_key_is_another_order(store: Store):
    ids = {
        (await store.write(lambda tx, more=more: tx.orders.add(order(**more)))).id
        for more in ({}, {"symbol": "ETH/USDT"}, {"account_id": "k2"})
    }
    assert len(ids) == 3


async def test_what_is_due_comes_by_pairs_longest_due_first(store: Store):
    now_ms = store.now_ms()
    rows = [
        order(1, due_at=50),
        order(2, due_at=40),
        order(3, due_at=10, symbol="ETH/USDT"),
        order(4, due_at=now_ms + 5, symbol="X/Y"),
    ]
    for row in rows:
        await store.write(lambda tx, row=row: tx.orders.add(row))
    assert await store.read(lambda tx: tx.orders.due_groups(now_ms, 9)) == [("k1", "ETH/USDT"), ("k1", "BTC/USDT")]
    assert [row.order_id for row in await store.read(lambda tx: tx.orders.group("k1", "BTC/USDT"))] == ["1", "2"]


async def test_an_end_stays_an_end(store: Store):
    row = await store.write(lambda tx: tx.orders.add(order()))
    ended = await store.write(lambda tx: tx.orders.update(row.id, state="filled", ended_at=7))
    assert (ended.state, ended.ended_at) == ("filled", 7)
    assert await store.write(lambda tx: tx.orders.update(row.id, state="open", ended_at=0)) is None
    assert await store.read(lambda tx: tx.orders.due_groups(tx.now_ms, 9)) == []


async def test_one_goes_by_its_owner(store: Store):
    await store.write(lambda tx: tx.orders.add(order()))
    assert [row.id for row in await store.read(lambda tx: tx.orders.of_user(1, "1"))] == [1]
    assert await store.read(lambda tx: tx.orders.of_user(2, "1")) == []


@pytest.mark.parametrize(("user_id", "count"), [(1, 1), (2, 0)])
async def test_open_ones_are_listed_to_their_owner(store: Store, user_id, count):
    await store.write(lambda tx: tx.orders.add(order()))
    assert len(await store.read(lambda tx: tx.orders.open_of(user_id))) == count
