"""What npm's changelly-js sent, recorded, is let in at v1; with one byte changed it is not."""

import json
from pathlib import Path

import pytest
from changelly_desk import private_key

RECORDED = json.loads(Path(__file__).with_name("changelly_js.json").read_text(encoding="utf-8"))
OF_ANOTHER_TIME = {"createFixTransaction", "getStatus"}
"""They name a rate and a swap that this stand-in never gave."""


@pytest.fixture
def send(changelly, session):
    changelly.add_account("node", private_key(), (RECORDED["key"], RECORDED["secret"]))

    async def sent(call, body: bytes, **headers: str) -> tuple[int, str]:
        url = changelly.url + call["path"]
        async with session.request(call["method"], url, data=body, headers=call["headers"] | headers) as answer:
            return answer.status, await answer.text()

    return sent


@pytest.mark.parametrize("call", RECORDED["calls"], ids=lambda call: call["call"])
async def test_its_very_bytes_are_let_in_and_nothing_else_under_their_signature(changelly, send, call):
    body = call["body"].encode()
    other = bytearray(body)
    other[len(body) // 2] ^= 1
    assert await send(call, bytes(other)) == (401, "Unauthorized")
    assert await send(call, body, sign=call["headers"]["sign"][::-1]) == (401, "Unauthorized")
    assert not changelly.transactions
    status, text = await send(call, body)
    told, asked = json.loads(text), json.loads(body)
    assert (status, told["id"], asked["method"]) == (200, asked["id"], call["call"])
    assert ("error" in told) == (call["call"] in OF_ANOTHER_TIME)
    assert len(changelly.transactions) == (call["call"] == "createTransaction")


def test_the_recording_has_every_call_of_the_way_and_names_where_it_is_from():
    assert "changelly-js 2.1.0" in RECORDED["made_by"]
    assert {"createTransaction", "createFixTransaction", "getTransactions", "getExchangeAmount"} < {
        call["call"] for call in RECORDED["calls"]
    }
