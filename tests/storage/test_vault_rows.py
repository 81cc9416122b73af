"""Sealed rows of the database itself: whatever column is put into another row, or changed, nothing of it opens."""

import asyncio
import sqlite3
from contextlib import closing
from itertools import product
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from bot.domain.accounts import Health, Held, KeyState
from bot.domain.orders import Credentials
from bot.services._keys import sealed, unsealed
from storage.keys import Keys
from storage.store import Store, Transaction, open_store
from storage.vault import SealBroken
from tests.still_clock import START, StillClock
from tests.storage.conftest import beside

ANN, BOB = 1001, 1002
ROWS = [(owner, vendor, version) for owner in (ANN, BOB) for vendor in ("binance", "bitfinex") for version in (1, 2)]
BOUND = ("owner", "id", "vendor", "version", "sealed")
KEY_COLUMNS = ("owner", "kek_id", "version", "wrapped")


def secret(owner: int, vendor: str, version: int) -> bytes:
    return f"secret of {owner} at {vendor}, {version}".encode()


def rows_of(tx: Transaction) -> list[dict[str, object]]:
    """What a table of credentials holds: one row each, sealed where it lies."""
    rows = []
    for owner, vendor, version in ROWS:
        place = ("accounts", f"{owner}{vendor}", vendor, str(version))
        value = tx.seal(owner, secret(owner, vendor, version), *place)
        rows.append({"owner": owner, "id": place[1], "vendor": vendor, "version": version, "sealed": value})
    return rows


def opened(tx: Transaction, row: dict[str, object]) -> bytes:
    place = ("accounts", str(row["id"]), str(row["vendor"]), str(row["version"]))
    return tx.open(int(str(row["owner"])), bytes(row["sealed"]), *place)  # type: ignore[arg-type]  # it is bytes


@pytest.fixture
async def rows(store: Store) -> list[dict[str, object]]:
    return await store.write(rows_of)


async def test_every_row_opens_where_it_lies(store: Store, rows):
    found = await store.read(lambda tx: [opened(tx, row) for row in rows])
    assert found == [secret(*row) for row in ROWS]
    assert store.figures()["vault_opens_failed_total"] == 0


async def test_no_row_opens_with_any_column_of_another(store: Store, rows):
    """All pairs of rows, all sets of columns but the empty one and those that make it the other row whole."""

    def unit(tx: Transaction) -> tuple[int, int]:
        tried = broken = 0
        for one, other in product(rows, rows):
            for chosen in range(1, 2 ** len(BOUND) - 1):
                swapped = one | {name: other[name] for bit, name in enumerate(BOUND) if chosen >> bit & 1}
                if swapped in rows:
                    continue
                tried += 1
                try:
                    opened(tx, swapped)
                except SealBroken:
                    broken += 1
        return tried, broken

    tried, broken = await store.read(unit)
    assert tried > 1000
    assert broken == tried
    assert store.figures()["vault_opens_failed_total"] == tried


def two_keyed(path: Path) -> tuple[Store, list[dict[str, object]]]:
    store, _ = open_store(path, beside(path), StillClock())
    return store, asyncio.run(store.write(rows_of))


def changed(path: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA foreign_keys = OFF")
        assert db.execute(statement, values).rowcount == 1


def opens(tx: Transaction, row: dict[str, object]) -> bool:
    try:
        return bool(opened(tx, row))
    except SealBroken:
        return False


def states(store: Store, rows: list[dict[str, object]]) -> dict[int, set[bool]]:
    """Whether the values of each person open."""

    def unit(tx: Transaction) -> dict[int, set[bool]]:
        return {owner: {opens(tx, row) for row in rows if row["owner"] == owner} for owner in (ANN, BOB)}

    return asyncio.run(store.read(unit))


@pytest.mark.parametrize("column", ["kek_id", "version", "wrapped"])
def test_a_persons_key_put_into_another_row_opens_nothing_of_his_and_all_of_the_others(path, column):
    store, rows = two_keyed(path)
    given_away = {"kek_id": "0" * 16, "version": 2}.get(column)
    if given_away is None:
        with closing(sqlite3.connect(path)) as db:
            (given_away,) = db.execute("SELECT wrapped FROM data_keys WHERE owner = ?", (BOB,)).fetchone()
    statement = f"UPDATE data_keys SET {column} = ? WHERE owner = ?"  # noqa: S608  # a column of ours
    changed(path, statement, given_away, ANN)
    assert states(store, rows) == {ANN: {False}, BOB: {True}}
    store.close()


def test_two_people_whose_keys_were_exchanged_whole_are_both_shut(path):
    store, rows = two_keyed(path)
    changed(path, "UPDATE data_keys SET owner = -1 WHERE owner = ?", ANN)
    changed(path, "UPDATE data_keys SET owner = ? WHERE owner = ?", ANN, BOB)
    changed(path, "UPDATE data_keys SET owner = ? WHERE owner = -1", BOB)
    assert states(store, rows) == {ANN: {False}, BOB: {False}}
    assert store.figures()["vault_opens_failed_total"] == len(ROWS)
    store.close()


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    path = tmp_path_factory.mktemp("bits") / "desk.db"
    store, rows = two_keyed(path)
    yield path, store, rows
    store.close()


@given(st.integers(0, 60 * 8 - 1))
@example(0)
@example(479)
def test_not_one_bit_of_a_wrapped_key_may_change(kept, bit):
    path, store, rows = kept
    with closing(sqlite3.connect(path)) as db:
        (before,) = db.execute("SELECT wrapped FROM data_keys WHERE owner = ?", (ANN,)).fetchone()
    assert len(before) == 60
    after = bytearray(before)
    after[bit // 8] ^= 1 << bit % 8
    changed(path, "UPDATE data_keys SET wrapped = ? WHERE owner = ?", bytes(after), ANN)
    try:
        assert states(store, rows) == {ANN: {False}, BOB: {True}}
    finally:
        changed(path, "UPDATE data_keys SET wrapped = ? WHERE owner = ?", before, ANN)


@given(st.data())
def test_not_one_bit_of_a_sealed_row_may_change(kept, data):
    _, store, rows = kept
    row = data.draw(st.sampled_from(rows))
    value = bytearray(row["sealed"])
    bit = data.draw(st.integers(0, len(value) * 8 - 1))
    value[bit // 8] ^= 1 << bit % 8

    def unit(tx: Transaction) -> None:
        with pytest.raises(SealBroken):
            opened(tx, row | {"sealed": bytes(value)})

    asyncio.run(store.read(unit))


@given(st.data())
def test_a_place_with_other_bounds_is_another_place(kept, data):
    """Length-prefixed: the same letters, parted elsewhere, open nothing."""
    _, store, rows = kept
    row = data.draw(st.sampled_from(rows))
    joined = f"accounts{row['id']}{row['vendor']}{row['version']}"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(joined)), max_size=5)))
    place = tuple(joined[a:b] for a, b in zip([0, *cuts], [*cuts, len(joined)], strict=True))
    assume(place != ("accounts", str(row["id"]), str(row["vendor"]), str(row["version"])))

    def unit(tx: Transaction) -> None:
        with pytest.raises(SealBroken):
            tx.open(int(str(row["owner"])), row["sealed"], *place)

    asyncio.run(store.read(unit))


async def test_who_has_no_data_key_opens_nothing_and_makes_none_by_reading(store: Store, rows):
    def unit(tx: Transaction) -> None:
        with pytest.raises(SealBroken):
            tx.open(7, rows[0]["sealed"], "accounts")

    await store.read(unit)
    await store.write(unit)
    assert await store.read(lambda tx: tx._keys.data_key(7)) is None


@pytest.mark.usefixtures("rows")
async def test_a_person_has_one_key_however_many_values(store: Store):
    def unit(tx: Transaction) -> int:
        return int(tx._keys._db.conn.execute("SELECT count(*) FROM data_keys").fetchone()[0])

    assert await store.read(unit) == 3  # the desk's own, and one each
    first = await store.read(lambda tx: tx._keys.data_key(ANN))
    await store.write(lambda tx: tx.seal(ANN, b"more", "x"))
    assert await store.read(lambda tx: tx._keys.data_key(ANN)) == first


async def test_the_stored_credentials_of_an_account_are_bound_to_person_vendor_row_and_version(store: Store):
    """The real table, by the code that writes it."""

    def held(owner: int, vendor: str, version: int) -> Held:
        return Held(
            f"{owner}-{vendor}", owner, vendor, f"of {owner} at {vendor}", version, "00000000", KeyState.ACTIVE,
            Health(), START, START,
        )  # fmt: skip

    def fill(tx: Transaction) -> None:
        for owner, vendor in product((ANN, BOB), ("binance", "bitfinex")):
            one = held(owner, vendor, 1)
            tx.accounts.add(one, sealed(tx, one, Credentials("key", f"{owner}{vendor}")))

    await store.write(fill)
    db = store._engine._writing.conn
    before = {row[0]: row for row in db.execute("SELECT id, user_id, vendor, version, sealed FROM accounts").fetchall()}
    assert len(before) == 4

    def look(tx: Transaction) -> dict[str, str]:
        found = {}
        for one in (one for owner in (ANN, BOB) for one in tx.accounts.of_user(owner)):
            try:
                found[one.id] = unsealed(tx, one).secret
            except SealBroken:
                found[one.id] = ""
        return found

    assert await store.read(look) == {row[0]: f"{row[1]}{row[2]}" for row in before.values()}
    others = {"id": "elsewhere", "user_id": BOB, "vendor": "okx", "version": 2, "sealed": before[f"{BOB}-bitfinex"][4]}
    for (column, other), was in zip(others.items(), before[f"{ANN}-binance"], strict=True):
        change = f"UPDATE accounts SET {column} = ? WHERE label = 'of {ANN} at binance'"  # noqa: S608  # a column of ours
        db.execute(change, (other,))
        found = await store.read(look)
        assert list(found.values()).count("") == 1
        assert found["elsewhere" if column == "id" else f"{ANN}-binance"] == ""
        db.execute(change, (was,))
    assert all((await store.read(look)).values())


def test_the_ring_names_one_primary_key(path):
    store, _ = two_keyed(path)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*) FROM keyring WHERE status = 'primary'").fetchone() == (1,)
    assert asyncio.run(store.read(lambda tx: len(Keys(tx._keys._db).ring()))) == 1
    store.close()
