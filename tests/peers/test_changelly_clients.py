"""Changelly's clients and signers by other people, talking to the stand-in with its signature check on."""

import asyncio
import base64
import hashlib
import hmac
import json
import os
from collections.abc import AsyncIterator
from typing import Any

import pytest
import requests
import rsa
from Changelly.changelly import ChangellyApi
from changelly_api import ChangellyAPI
from changelly_api.exceptions import AuthorizationError, ChangellyAPIError
from pyasn1.codec.der.decoder import decode

from bot.sandbox.changelly import ChangellyStandIn, Login
from bot.sandbox.market import Market

ETHER = "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045"
PAIR = {"from": "btc", "to": "eth"}


@pytest.fixture
async def changelly(market: Market, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ChangellyStandIn]:
    # Their HTTP library would ask the machine's proxy.
    for name in set(os.environ) & {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"}:  # noqa: TID251
        monkeypatch.delenv(name)
    served = ChangellyStandIn(market)
    await served.start()
    yield served
    await served.stop()


@pytest.fixture
def login(changelly: ChangellyStandIn) -> Login:
    return changelly.add_account("operator")


@pytest.fixture
def codingsett(changelly: ChangellyStandIn, login: Login) -> ChangellyApi:
    """PyPI's `changelly`: texts for ids, parameters always an object, spaces in what it signs."""
    client = ChangellyApi(login.key, login.secret)
    client.api_url = changelly.url
    return client


@pytest.fixture
def k0t3n(changelly: ChangellyStandIn, login: Login) -> ChangellyAPI:
    """PyPI's `changelly-api`: the number 1 for an id, a list where there are no parameters, raises on errors."""
    return ChangellyAPI(login.key, login.secret, url=changelly.url)


async def test_one_client_goes_the_whole_way(changelly: ChangellyStandIn, codingsett: ChangellyApi):
    async def asked(method: str, **params: Any) -> Any:
        told = await asyncio.to_thread(getattr(codingsett, method), "mine", **params)
        assert (told["jsonrpc"], told["id"]) == ("2.0", "mine")
        return told["result"]

    assert {"btc", "eth"} <= set(await asked("getCurrencies"))
    assert {"usdtrx", "dash"} <= {coin["ticker"] for coin in await asked("getCurrenciesFull")}
    least = await asked("getMinAmount", **PAIR)
    assert float(await asked("getExchangeAmount", **PAIR, amount="0.1")) > 0.1 > float(least)
    assert await asked("validateAddress", currency="eth", address=ETHER) == {"result": True}
    swap = await asked("createTransaction", **PAIR, amount=0.1, address=ETHER)
    assert await asked("getStatus", id=swap["id"]) == "waiting"
    changelly.engine.progress.pace_s = 0
    changelly.pay(swap["id"])
    (row,) = await asked("getTransactions", currency="btc", limit=5)
    assert (row["id"], row["status"], row["amountFrom"]) == (swap["id"], "finished", "0.1")


async def test_that_client_reads_errors_and_refusals(codingsett: ChangellyApi):
    told = await asyncio.to_thread(codingsett.getExchangeAmount, "mine", **PAIR, amount="0.0000001")
    assert told["error"]["message"].startswith("Invalid amount: minimal amount is ")
    told = await asyncio.to_thread(codingsett.generateAddress, "mine", **PAIR)
    assert told["error"]["code"] == -32601
    codingsett.apisecret += "x"
    assert await asyncio.to_thread(codingsett.getCurrencies, "mine") == "Unauthorized"


async def test_another_client_makes_a_swap_and_a_fixed_one(changelly: ChangellyStandIn, k0t3n: ChangellyAPI):
    coins = await asyncio.to_thread(k0t3n.get_currencies_full)
    assert "btc" in await asyncio.to_thread(k0t3n.get_currencies, "btc", "eth")
    assert next(coin for coin in coins if coin["ticker"] == "xrp")["extraIdName"] == "Destination Tag"
    assert float(await asyncio.to_thread(lambda: k0t3n.get_min_amount(**PAIR))) > 0
    assert (await asyncio.to_thread(k0t3n.validate_address, "eth", ETHER[:-1]))["result"] is False
    swap = await asyncio.to_thread(k0t3n.create_transaction, "btc", "eth", "0.1", ETHER)
    (quote,) = await asyncio.to_thread(k0t3n.get_fix_rate_for_amount, [{**PAIR, "amountFrom": "0.1"}])
    assert (await asyncio.to_thread(k0t3n.get_fix_rate, [PAIR]))[0]["to"] == "eth"
    home = swap["payinAddress"]
    fixed = await asyncio.to_thread(k0t3n.create_fix_transaction, "btc", "eth", ETHER, home, "0.1", None, quote["id"])
    rows = await asyncio.to_thread(k0t3n.get_transactions)
    assert [(row["id"], row["type"]) for row in rows] == [(fixed["id"], "fixed"), (swap["id"], "float")]
    assert len(changelly.transactions) == 2


async def test_that_client_raises_what_it_should(k0t3n: ChangellyAPI):
    with pytest.raises(ChangellyAPIError, match="not found"):
        await asyncio.to_thread(k0t3n.create_transaction, "nope", "eth", "1", ETHER)
    k0t3n._secret += "x"
    with pytest.raises(AuthorizationError):
        await asyncio.to_thread(k0t3n.get_currencies_full)


def pkcs1(private_key: str) -> rsa.PrivateKey:
    """Out of the vendor's PKCS#8, with somebody else's reader of ASN.1."""
    envelope, _ = decode(bytes.fromhex(private_key))
    return rsa.PrivateKey.load_pkcs1(bytes(envelope[2]), "DER")


async def test_v2_lets_in_what_another_implementation_of_rsa_signed(changelly: ChangellyStandIn, login: Login):
    private = pkcs1(login.private_key)
    public = rsa.PublicKey(private.n, private.e).save_pkcs1("DER")
    body = json.dumps({"jsonrpc": "2.0", "id": "r", "method": "getMinAmount", "params": PAIR}).encode()
    headers = {
        "X-Api-Key": base64.b64encode(hashlib.sha256(public).digest()).decode(),
        "X-Api-Signature": base64.b64encode(rsa.sign(body, private, "SHA-256")).decode(),
    }
    told = await asyncio.to_thread(requests.post, changelly.url + "/v2", data=body, headers=headers, timeout=10)
    assert (told.status_code, float(told.json()["result"]) > 0) == (200, True)
    headers["X-Api-Signature"] = base64.b64encode(rsa.sign(body, private, "SHA-512")).decode()
    told = await asyncio.to_thread(requests.post, changelly.url + "/v2", data=body, headers=headers, timeout=10)
    assert (told.status_code, told.text) == (401, "Unauthorized")


async def test_rest_lets_in_who_follows_the_third_documents_recipe(changelly: ChangellyStandIn, login: Login):
    """Compact JSON, HMAC-SHA512 in hex under the secret, seconds for a nonce, an odd content type."""

    def called(verb: str, path: str, nonce: int, asked: Any = None) -> requests.Response:
        body = "" if asked is None else json.dumps(asked, separators=(",", ":"))
        signed = hmac.new(login.secret.encode("utf-8"), body.encode("utf-8"), digestmod=hashlib.sha512).hexdigest()
        headers = {
            "X-API-Key": login.key, "X-Nonce": str(nonce), "X-Sign": signed, "Content-Type": "application/",
        }  # fmt: skip
        return requests.request(verb, f"{changelly.url}/api/v1/{path}", headers=headers, data=body or None, timeout=10)

    at = 1_795_262_400
    quoted = await asyncio.to_thread(called, "POST", "exchangeAmount", at, {**PAIR, "amount": str(1), "type": "direct"})
    assert (quoted.status_code, quoted.json()["currencyTo"]) == (200, "eth")
    order = {
        **PAIR, "address": ETHER, "amountExpectedFrom": str(1), "amountExpectedTo": quoted.json()["result"],
        "extraId": None,
    }  # fmt: skip
    assert (await asyncio.to_thread(called, "POST", "transactions", at, order)).status_code == 401
    made = await asyncio.to_thread(called, "POST", "transactions", at + 1, order)
    seen = await asyncio.to_thread(called, "GET", f"transactions/{made.json()['id']}", at + 2)
    assert (seen.status_code, seen.json()["payinAddress"]) == (200, made.json()["payinAddress"])
    assert len(changelly.transactions) == 1
