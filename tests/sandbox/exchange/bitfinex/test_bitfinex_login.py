"""Who may come in at the Bitfinex stand-in: signatures by hand over raw bodies, nonces that grow, rights of keys."""

import ccxt.async_support as ccxt
import pytest
from bitfinex_desk import Caller, client
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.exchange.bitfinex.login import signature

INVALID = ["error", 10100, "apikey: invalid"]
DIGEST = ["error", 10100, "apikey: digest invalid"]
SMALL = ["error", 10114, "nonce: small"]
FORBIDDEN = ["error", 10001, "api_key: permission invalid"]
ORDER = {"symbol": "tBTCUST", "type": "EXCHANGE LIMIT", "amount": "0.01", "price": "50000"}


def test_the_signature_is_the_documented_one():
    # HMAC-SHA384 of "/api/v2/auth/r/wallets1650000000000{}" under "secret", by `openssl dgst -sha384 -hmac secret`.
    assert signature("secret", "/v2/auth/r/wallets", "1650000000000", b"{}") == (
        "ecf6460fb449bc43ec9e7f68e9a3e2ba49fe3541cc7dd5756b12a14a2d5592f8bcb266cc7cbe3c0a66f5d0ba9372387e"
    )


async def test_what_is_signed_by_hand_is_let_in(caller):
    status, rows = await caller.post("auth/r/wallets")
    assert status == 200
    assert ["exchange", "BTC", 0.4, 0, 0.4, None, None] in rows


async def test_ccxt_signs_so_too(alice):
    assert (await alice.fetch_balance())["BTC"]["total"] > 0


@pytest.mark.parametrize("spaced", [b'{"symbol" : "tBTCUST"}', b"{}\n", b""])
async def test_the_signature_covers_the_bytes_as_they_came(caller, spaced):
    assert (await caller.post("auth/r/orders", spaced))[0] == 200


async def test_one_byte_more_than_was_signed_is_refused(caller):
    status, _ = await caller.post("auth/r/orders", b"{}")
    assert status == 200
    signed = signature(caller.login.secret, "/v2/auth/r/orders", "2000", b"{}")
    assert await caller.post("auth/r/orders", b"{} ", nonce="2000", signature=signed) == (500, DIGEST)


async def test_another_secret_or_an_unknown_key_is_refused(bitfinex, session, login):
    assert await Caller(bitfinex.url, session, login._replace(secret="x" * 64)).post("auth/r/wallets") == (500, DIGEST)
    assert await Caller(bitfinex.url, session, login._replace(key="x" * 64)).post("auth/r/wallets") == (500, INVALID)
    with pytest.raises(ccxt.AuthenticationError):
        await client(bitfinex.url, session, login._replace(secret="x" * 64), markets={}).private_post_auth_r_wallets()


async def test_a_nonce_is_used_once_and_never_a_smaller_one(caller):
    assert (await caller.post("auth/r/wallets", nonce="5000"))[0] == 200
    assert await caller.post("auth/r/wallets", nonce="5000") == (500, SMALL)
    assert await caller.post("auth/r/wallets", nonce="4999") == (500, SMALL)
    assert (await caller.post("auth/r/wallets", nonce="5001"))[0] == 200


async def test_a_smaller_nonce_places_nothing(caller, account):
    await caller.post("auth/r/wallets", nonce="5000")
    assert await caller.post("auth/w/order/submit", ORDER, nonce="5000") == (500, SMALL)
    assert not account.orders


async def test_a_wrong_signature_spends_no_nonce(caller):
    assert await caller.post("auth/r/wallets", nonce="5000", signature="0" * 96) == (500, DIGEST)
    assert (await caller.post("auth/r/wallets", nonce="4000"))[0] == 200


async def test_each_key_counts_for_itself(bitfinex, session, caller):
    await caller.post("auth/r/wallets", nonce="5000")
    other = Caller(bitfinex.url, session, bitfinex.add_account("alice"))
    assert (await other.post("auth/r/wallets", nonce="1"))[0] == 200


async def test_ccxt_knows_a_small_nonce(bitfinex, session, login, alice):
    await Caller(bitfinex.url, session, login).post("auth/r/wallets", nonce=str(2**53 - 1))
    with pytest.raises(ccxt.InvalidNonce):
        await alice.fetch_balance()


@pytest.mark.parametrize("nonce", ["", "-5", "1.5", "²", "9" * 17, str(2**53)])
async def test_what_is_no_number_is_no_nonce(caller, nonce):
    status, answer = await caller.post("auth/r/wallets", nonce=nonce)
    assert (status, answer[:2]) == (500, ["error", 10114])


async def test_permissions_are_those_of_the_key(bitfinex, session):
    for rights in ({}, {"trade": False}, {"withdraw": True}):
        caller = Caller(bitfinex.url, session, bitfinex.add_account("bob", **rights))
        rows = {row[0]: row[1:] for row in (await caller.post("auth/r/permissions"))[1]}
        assert rows["orders"] == [1, int(rights.get("trade", True))]
        assert rows["withdraw"][1] == int(rights.get("withdraw", False))
        assert rows["ui_withdraw"] == [0, 0]


async def test_a_key_without_trading_reads_and_does_not_trade(bitfinex, session):
    caller = Caller(bitfinex.url, session, bitfinex.add_account("bob", trade=False))
    assert (await caller.post("auth/r/orders"))[0] == 200
    for path in ("auth/w/order/submit", "auth/w/order/cancel", "auth/w/order/cancel/multi"):
        assert await caller.post(path, ORDER | {"id": 1, "all": 1}) == (500, FORBIDDEN)


async def test_rights_taken_away_are_gone_with_the_next_call(bitfinex, caller):
    assert (await caller.post("auth/w/order/submit", ORDER))[0] == 200
    bitfinex.engine.keys[caller.login.key].trade = False
    assert await caller.post("auth/w/order/submit", ORDER) == (500, FORBIDDEN)


async def test_a_key_bound_to_another_place_or_past_its_time_is_unknown(bitfinex, session, clock):
    bound = bitfinex.add_account("bob", ip_bound=True)
    assert (await Caller(bitfinex.url, session, bound).post("auth/r/wallets"))[0] == 200
    bitfinex.engine.keys[bound.key].ips = frozenset({"203.0.113.7"})
    assert await Caller(bitfinex.url, session, bound).post("auth/r/wallets") == (500, INVALID)
    old = Caller(bitfinex.url, session, bitfinex.add_account("bob", expires_ms=int(clock.now * 1000) + 1))
    assert (await old.post("auth/r/wallets"))[0] == 200
    clock.now += 1
    assert await old.post("auth/r/wallets") == (500, INVALID)


async def test_the_owner_is_told_who_he_is(caller):
    status, row = await caller.post("auth/r/info/user")
    assert (status, row[2], row[9]) == (200, "alice", "bitfinex")


@pytest.mark.parametrize("body", [b"[1]", b"{", b"\xff", b"null", b"[" * 60_000])
async def test_a_body_that_is_no_object_is_refused(caller, body):
    assert await caller.post("auth/r/orders", body) == (500, ["error", 10020, "payload: invalid"])


async def test_a_path_nobody_knows_is_not_there(caller):
    assert await caller.post("auth/w/withdraw") == (404, ["error", 10020, "path: invalid"])
    assert (await caller.get("nothing"))[0] == 404


@given(st.text(max_size=20), st.binary(max_size=40))
def test_any_text_and_any_bytes_can_be_signed(secret, body):
    assert len(signature(secret, "/v2/auth/r/wallets", "1", body)) == 96
