"""Whatever is sent to the Bitfinex stand-in, the answer is one of this venue's, and money is where it was."""

import json
from decimal import Decimal

from bitfinex_desk import Clock
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.exchange.bitfinex import BitfinexStandIn, venue
from bot.sandbox.exchange.bitfinex.wire import Complaint, answered, asked
from bot.sandbox.market import Market

CLOCK = Clock()
# One venue for all examples: whatever they left behind belongs to the next one's world.
SERVED = BitfinexStandIn(venue(Market(invented=5, dust=0, clock=CLOCK), clock=CLOCK))
ENGINE = SERVED.engine
KEY = ENGINE.keys[SERVED.add_account("alice").key]
PLACES = {
    "symbol": "tBTCUST",
    "id": "1",
    "key": "trade:1h:tBTCUST",
    "section": "hist",
    "precision": "R0",
    "config": "x",
}
FIELDS = (
    "id", "cid", "cid_date", "all", "symbol", "type", "amount", "price", "flags", "start", "end", "limit", "sort",
)  # fmt: skip

words = st.sampled_from(
    ["tBTCUST", "EXCHANGE LIMIT", "EXCHANGE MARKET", "MARKET", "IOC", "2026-11-21", "1", "-1", "1e9"]
)
plain = st.none() | st.booleans() | st.integers() | st.floats() | words | st.text(max_size=5)
values = plain | st.lists(plain, max_size=3) | st.builds(dict)
bodies = st.dictionaries(st.sampled_from(FIELDS), values, max_size=5)
queries = st.dictionaries(st.sampled_from([*FIELDS, "len"]), words | st.text(max_size=5), max_size=5)


def named(path):
    """What would stand in the path."""
    return {name: value for name, value in PLACES.items() if "{" + name in path}


def said(route, *ask):
    """A list, or nothing for a complaint."""
    try:
        return json.loads(answered(route.answer(*ask)).body)
    except Complaint as complaint:
        if (complaint.status, complaint.code) not in {(500, 10001), (500, 10020)}:
            raise
        return []


@given(st.lists(st.tuples(st.sampled_from(SERVED._for_owners()), bodies), min_size=1, max_size=2))
def test_any_body_is_answered_in_this_venues_words(calls):
    before = {asset: ENGINE.total(asset) for asset in ("USD", "USDT", "BTC", "ETH")}
    for route, body in calls:
        ask = {**asked(json.dumps(body).encode()), **named(route.path)}
        assert isinstance(said(route, KEY, ask), list)
    assert {asset: ENGINE.total(asset) for asset in before} == before


@given(st.sampled_from([route for route in SERVED._seen_by_all() if route.path != "tickers"]), queries)
def test_any_query_is_answered_in_this_venues_words(route, query):
    assert isinstance(said(route, {**query, **named(route.path)}), list)


async def test_numbers_in_a_body_are_as_good_as_texts(caller):
    order = {"symbol": "tBTCUST", "type": "EXCHANGE LIMIT", "amount": 0.01, "price": 50_000, "cid": 7}
    status, answer = await caller.post("auth/w/order/submit", order)
    assert (status, Decimal(str(answer[4][0][7])), answer[4][0][2]) == (200, Decimal("0.01"), 7)
    assert json.dumps(answer[4][0][16]) == "50000"
