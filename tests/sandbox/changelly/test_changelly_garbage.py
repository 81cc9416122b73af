"""Whatever a partner sends, the answer is one of the vendor's, and nothing was made that nobody asked for."""

import json

import pytest
from changelly_desk import PLACES, Clock, standin
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.changelly.problems import Problem
from bot.sandbox.changelly.rest import Rest
from bot.sandbox.changelly.rpc import Rpc, ident_of, read

ENGINE = standin(Clock()).engine
RPC = {version: Rpc(ENGINE, version) for version in ("v1", "v2")}
REST = Rest(ENGINE)
FIELDS = (
    "from", "to", "amountFrom", "amountTo", "amount", "address", "extraId", "refundAddress", "refundExtraId", "rateId",
    "id", "status", "currency", "payoutAddress", "since", "limit", "offset", "txType", "type", "amountExpectedFrom",
    "amountExpectedTo",
)  # fmt: skip
CODES = {-32700, -32600, -32601, -32602, -32603}

words = st.sampled_from(["btc", "eth", "xrp", "xmr", "dash", "1", "0.1", "-1", "1e3", "fixed", *PLACES.values()])
plain = st.none() | st.booleans() | st.integers() | st.floats() | words | st.text(max_size=5)
values = plain | st.lists(plain, max_size=3) | st.dictionaries(st.text(max_size=3), plain, max_size=2)
objects = st.dictionaries(st.sampled_from(FIELDS), values, max_size=8)
idents = plain | st.integers(10**30, 10**40) | st.sampled_from(["\ud800", [1], {}])


methods = st.sampled_from(sorted(RPC["v2"]._methods))


@given(st.sampled_from(["v1", "v2"]), methods, objects | st.lists(objects | plain), idents)
def test_any_parameters_are_answered_in_the_vendors_words(version, method, params, ident):
    body = json.dumps({"jsonrpc": "2.0", "id": ident, "method": method, "params": params}).encode()
    answer = RPC[version].answer("me", read(body))
    told = json.loads(answer.body)
    assert (answer.status, told["jsonrpc"], len(told)) == (200, "2.0", 3)
    assert "result" in told or told["error"]["code"] in CODES
    assert told["id"] is None or isinstance(told["id"], str | int | float)


@given(st.binary(max_size=40) | st.builds(lambda value: json.dumps(value).encode(), values))
def test_any_envelope_is_answered_in_the_vendors_words(body):
    try:
        asked = read(body)
    except Problem:
        with pytest.raises(ValueError, match=r"\w"):
            json.loads(body)
        return
    told = json.loads(RPC["v2"].answer("me", asked).body)
    assert told["error"]["code"] in CODES
    assert ident_of(asked) == told["id"]


@given(st.sampled_from(REST.ways()), objects | plain, st.text(max_size=5))
def test_any_body_on_any_path_has_a_status_and_a_word(way, asked, ident):
    answer = REST.answer(way, "me", json.dumps(asked).encode(), {"id": ident} if "{" in way.path else {})
    told = json.loads(answer.body)
    if answer.status == 200:
        assert isinstance(told, list | dict)
    else:
        assert answer.status in {400, 404}
        assert (set(told), told["code"]) == ({"code", "message"}, answer.status)


def test_nobody_else_has_a_swap_from_all_that():
    assert {swap.owner for swap in ENGINE.transactions.values()} <= {"me"}
