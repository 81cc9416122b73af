"""The vault: what is sealed opens in its own place and nowhere else; keys are found in order and checked."""

import base64
import os
from dataclasses import replace
from itertools import pairwise

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import assume, given
from hypothesis import strategies as st

from storage.store import Store, open_store, ring_of
from storage.vault import Box, KeySource, SealBroken, VaultError, check, key_id, new_key
from tests.still_clock import StillClock
from tests.storage.conftest import beside

KEY = bytes(range(32))
places = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), min_size=1, max_size=4).map(tuple)


def written(path, text, mode=0o600):
    path.write_text(text)
    path.chmod(mode)
    return path


def base64_of(key):
    return base64.b64encode(key).decode()


@given(st.binary(max_size=200), places)
def test_what_was_sealed_opens_in_its_place(value, place):
    box = Box(KEY, 5, 1)
    sealed = box.seal(value, *place)
    assert box.open(sealed, *place) == value
    assert box.seal(value, *place) != sealed


words = st.lists(st.sampled_from(["a", "b", ""]), max_size=3)
keyholes = st.tuples(st.sampled_from([KEY, bytes(32)]), st.integers(0, 2), st.integers(1, 2), words)


@given(st.binary(max_size=40), keyholes, keyholes)
def test_it_opens_under_no_other_key_owner_version_or_place(value, sealed_by, opened_by):
    assume(sealed_by != opened_by)
    key, owner, version, place = sealed_by
    sealed = Box(key, owner, version).seal(value, *place)
    key, owner, version, place = opened_by
    with pytest.raises(SealBroken):
        Box(key, owner, version).open(sealed, *place)


@given(places)
def test_no_two_lists_of_words_are_one_place(place):
    box = Box(KEY, 1, 1)
    for one, other in pairwise([place, (*place, ""), ("".join(place), *("" for _ in place)), ("x", *place)]):
        if one != other:
            with pytest.raises(SealBroken):
                box.open(box.seal(b"secret", *one), *other)


@given(st.binary(max_size=30), st.data())
def test_not_one_bit_may_change(value, data):
    box = Box(KEY, 1, 1)
    sealed = bytearray(box.seal(value, "users", "1"))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SealBroken):
        box.open(bytes(sealed), "users", "1")


@given(st.binary(max_size=60))
def test_what_was_never_sealed_does_not_open(rubbish):
    with pytest.raises(SealBroken):
        Box(KEY, 1, 1).open(rubbish, "users")


async def test_the_layout_is_the_one_written_down(store: Store, path):
    """Opened by hand: version byte, nonce, text; bound to owner, version and place, each with its length."""

    def bound(domain, *parts):
        return domain + b"".join(len(part).to_bytes(4, "big") + part for part in parts)

    kek = base64.b64decode(path.with_suffix(".key").read_text())
    await store.write(lambda tx: tx.inbox.add([(7, store.box.seal(b"said", "inbox", "7"))], 0))
    db = store._engine._reading
    kek_id, checked = db.conn.execute("SELECT kek_id, check_value FROM keyring").fetchone()
    assert (
        AESGCM(kek).decrypt(checked[:12], checked[12:], bound(b"changedesk-ring\x01", kek_id.encode())) == b"changedesk"
    )
    (wrapped,) = db.conn.execute("SELECT wrapped FROM data_keys WHERE owner = 0").fetchone()
    key_bound = bound(b"changedesk-key\x01", b"0", kek_id.encode(), b"1")
    data_key = AESGCM(kek).decrypt(wrapped[:12], wrapped[12:], key_bound)
    (sealed,) = db.conn.execute("SELECT sealed FROM inbox").fetchone()
    assert sealed[:1] == b"\x01"
    value_bound = bound(b"changedesk-value\x01", b"0", b"1", b"inbox", b"7")
    assert AESGCM(data_key).decrypt(sealed[1:13], sealed[13:], value_bound) == b"said"


def test_a_new_key_has_32_random_bytes():
    assert len(base64.b64decode(new_key(), validate=True)) == 32
    assert new_key() != new_key()


def test_keys_are_looked_for_in_order(tmp_path):
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    keys = [bytes([n]) * 32 for n in range(4)]
    credential = written(credentials / "vault_key", base64_of(keys[0]) + "\n")
    file = written(tmp_path / "file", base64_of(keys[1]))
    source = KeySource(credentials, file, base64_of(keys[2]), written(tmp_path / "beside", base64_of(keys[3])))
    assert source.find() == ((keys[0],), "credential")
    credential.unlink()
    assert source.find() == ((keys[1],), "file")
    assert KeySource(credentials, None, source.value, source.beside).find() == ((keys[2],), "environment")
    assert KeySource(None, None, "", source.beside).find() == ((keys[3],), "beside")
    assert KeySource(None, None, "", tmp_path / "none").find() is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o601])
def test_a_key_file_others_can_read_is_refused(tmp_path, mode):
    file = written(tmp_path / "key", new_key(), mode)
    with pytest.raises(VaultError, match="chmod 600"):
        KeySource(None, file, "", tmp_path / "none").find()


def test_a_key_file_of_another_user_is_refused(tmp_path):
    if os.getuid() != 0:
        pytest.skip("only root can give a file away")
    file = written(tmp_path / "key", new_key())
    os.chown(file, 12345, 12345)
    with pytest.raises(VaultError, match="another user"):
        KeySource(None, file, "", tmp_path / "none").find()


@pytest.mark.parametrize(
    "text", ["", "short", base64_of(b"x" * 31), base64_of(b"x" * 33), base64_of(b"x" * 16), "ä" * 44]
)
def test_a_key_that_is_none_is_refused_without_being_shown(tmp_path, text):
    file = written(tmp_path / "key", text)
    with pytest.raises(VaultError) as told:
        KeySource(None, file, "", tmp_path / "none").find()
    assert not text or text not in str(told.value)


def test_a_key_file_that_is_missing_or_no_text_is_told(tmp_path):
    with pytest.raises(VaultError, match="FileNotFoundError"):
        KeySource(None, tmp_path / "none", "", tmp_path / "none").find()
    (tmp_path / "vault_key").write_bytes(b"\xff\xfe")
    with pytest.raises(VaultError, match="UnicodeDecodeError"):
        KeySource(tmp_path, None, "", tmp_path / "none").find()


def test_a_made_key_is_private_and_never_written_over(tmp_path):
    source = KeySource(None, None, "", tmp_path / "deep" / "desk.key")
    key = source.make()
    assert source.beside.stat().st_mode & 0o777 == 0o600
    assert source.find() == ((key,), "beside")
    with pytest.raises(FileExistsError):
        source.make()


def test_a_key_is_named_without_telling_of_it():
    assert key_id(KEY) == key_id(bytes(KEY))
    assert key_id(KEY) != key_id(bytes([1]) + KEY[1:])
    assert len(key_id(KEY)) == 16


def test_a_database_is_opened_by_its_own_key_only(path, still: StillClock, tmp_path):
    store, made = open_store(path, beside(path), still)
    assert made
    store.close()
    again, made = open_store(path, beside(path), still)
    assert not made
    again.close()
    before = path.read_bytes()
    for wrong in (KeySource(None, None, new_key(), tmp_path / "none"), KeySource(None, None, "", tmp_path / "none")):
        with pytest.raises(VaultError):
            open_store(path, wrong, still)
    assert path.read_bytes() == before


def test_a_ring_key_that_is_retired_or_altered_opens_nothing(path, still: StillClock):
    open_store(path, beside(path), still)[0].close()
    (row,) = ring_of(path)
    kek = base64.b64decode(path.with_suffix(".key").read_text())
    check([row], [kek])
    with pytest.raises(VaultError, match="not the one"):
        check([replace(row, status="retired", in_use=False)], [kek])
    with pytest.raises(VaultError, match="altered"):
        check([replace(row, check_value=row.check_value[:-1] + bytes([row.check_value[-1] ^ 1]))], [kek])


def test_a_data_key_that_was_altered_is_found_out_at_the_start(path, still: StillClock):
    store, _ = open_store(path, beside(path), still)
    store._engine._writing.conn.execute("UPDATE data_keys SET version = 2")
    store.close()
    with pytest.raises(VaultError, match="data key"):
        open_store(path, beside(path), still)
