"""Who is let in: signatures over the very bytes, in each dialect, and numbers that grow."""

import base64
import hashlib
import json

import pytest
from changelly_desk import Caller
from cryptography.hazmat.primitives import serialization

BODY = b'{"jsonrpc":"2.0","id":"1","method":"getCurrencies","params":{}}'
VERSIONS = ["v1", "v2"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("body", [BODY, BODY.replace(b",", b" ,\n "), BODY.replace(b"{}", b"[]")])
async def test_a_body_is_let_in_as_it_was_written(caller, version, body):
    status, text = await caller.raw(version, body)
    assert (status, "btc" in json.loads(text)["result"]) == (200, True)


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_signature_over_anything_but_the_bytes_sent_is_turned_away_in_plain_text(caller, version):
    for signed, sent in ((BODY, BODY + b" "), (BODY, BODY.replace(b"1", b"2")), (b"", BODY), (BODY, b"")):
        assert await caller.raw(version, sent, caller.headers(version, signed)) == (401, "Unauthorized")


@pytest.mark.parametrize("version", VERSIONS)
async def test_whoever_lacks_a_header_or_has_a_strange_one_is_turned_away(caller, version):
    headers = caller.headers(version, BODY)
    for name in headers:
        for value in (None, "", "x", "é", "A" * 344, headers[name][:-4]):
            changed = {**headers, name: value} if value is not None else {n: headers[n] for n in headers if n != name}
            assert await caller.raw(version, BODY, changed) == (401, "Unauthorized")


async def test_the_way_of_one_dialect_does_not_open_another(caller):
    assert await caller.raw("v2", BODY, caller.headers("v1", BODY)) == (401, "Unauthorized")
    assert await caller.raw("v1", BODY, caller.headers("v2", BODY)) == (401, "Unauthorized")


async def test_v2_knows_a_key_by_the_hash_of_its_pkcs1_form_and_not_of_the_other(caller, login):
    public = serialization.load_der_private_key(bytes.fromhex(login.private_key), None).public_key()
    right, wrong = (
        base64.b64encode(hashlib.sha256(public.public_bytes(serialization.Encoding.DER, form)).digest()).decode()
        for form in (serialization.PublicFormat.PKCS1, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    assert right == login.public_id
    headers = {**caller.headers("v2", BODY), "X-Api-Key": wrong}
    assert (await caller.raw("v2", BODY, headers))[0] == 401


async def test_credentials_are_made_afresh_and_in_the_vendors_form(changelly, login):
    one, other = login, changelly.add_account("other")
    assert not set(one) & set(other)
    for made in (one, other):
        assert made.private_key.startswith("308204b")
        assert len(made.public_id) == 44


async def test_get_on_the_root_is_unauthorized_and_strange_paths_are_not_found(caller):
    async with caller.session.get(caller.url) as answer:
        assert (answer.status, await answer.text()) == (401, "Unauthorized")
    assert (await caller.rest("GET", "nothing"))[0] == 404


@pytest.mark.parametrize("version", VERSIONS)
async def test_only_those_who_may_come_in_learn_that_their_json_is_broken(caller, version):
    status, text = await caller.raw(version, b'{"jsonrpc":')
    told = json.loads(text)
    assert (status, told["error"]["code"], told["id"]) == (200, -32700, None)
    assert await caller.raw(version, b'{"jsonrpc":', {}) == (401, "Unauthorized")


async def test_rest_takes_a_number_once_and_only_a_greater_one(caller):
    for nonce, status in (("5000", 200), ("5000", 401), ("4999", 401), ("5001", 200), ("1795262400123456", 200)):
        assert (await caller.rest("GET", "currencies", X_Nonce=nonce))[0] == status


@pytest.mark.parametrize("nonce", ["", "x", "-1", "1.5", "1e9", "٣", "9" * 21])
async def test_rest_refuses_what_is_no_number(caller, nonce):
    status, told = await caller.rest("GET", "currencies", X_Nonce=nonce)
    assert (status, "X-Nonce" in told["message"]) == (400, True)


async def test_a_number_is_not_spent_by_somebody_without_the_secret(caller):
    assert (await caller.rest("GET", "currencies", X_Nonce="9000000", X_Sign="0" * 128))[0] == 401
    assert (await caller.rest("GET", "currencies"))[0] == 200


async def test_numbers_of_two_partners_do_not_meet(caller, changelly, session):
    other = Caller(changelly.url, session, changelly.add_account("other", caller.login.private_key))
    other.nonce = 10
    assert (await caller.rest("GET", "currencies"))[0] == 200
    assert (await other.rest("GET", "currencies"))[0] == 200


async def test_rest_signs_nothing_where_there_is_no_body(caller):
    status, _ = await caller.rest("GET", "currencies", X_Sign=caller.hmac(b""))
    assert status == 200
    assert (await caller.rest("GET", "currencies", X_Sign=caller.hmac(b"{}")))[0] == 401


async def test_rest_may_turn_a_key_away_in_plain_text_too(caller, changelly):
    changelly.rest.plain_words = True
    for turned, told in (("shut_out", (403, "Forbidden")), ("locked", (401, "Unauthorized"))):
        setattr(changelly.accounts, turned, True)
        url = f"{caller.url}/api/v1/currencies"
        async with caller.session.get(url, headers=caller.headers("rest", b"")) as answer:
            assert (answer.status, await answer.text()) == told


async def test_a_machine_off_the_list_is_told_so_and_a_locked_key_is_not_known(caller, changelly):
    changelly.accounts.shut_out = True
    status, told = await caller.rest("GET", "currencies")
    assert (status, "IP" in told["message"]) == (403, True)
    changelly.accounts.shut_out, changelly.accounts.locked = False, True
    assert (await caller.rest("GET", "currencies"))[0] == 401
    assert await caller.raw("v2", BODY) == (401, "Unauthorized")
    changelly.accounts.locked = False
    assert (await caller.rest("GET", "currencies"))[0] == 200
