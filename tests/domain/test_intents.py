"""Intents: the one table of ways, ids that find an order again, and what was shown that cannot change."""

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.intents import MOVES, OPEN, RESERVING, UNSENT, State, as_sent, client_id_of, digest_of, may_move
from bot.domain.orders import Kind, Side, Wallet

STATES = st.sampled_from(State)
IDS = st.text(alphabet="abcdefghijklmnopqrstuvwxyz234567", min_size=26, max_size=26)
REQUEST = {
    "symbol": "BTC/USDT", "side": "buy", "kind": "limit", "wallet": "spot", "amount": "0.01", "cost": "",
    "price": "60000", "client_id": "b1", "client_day": "2026-11-21",
}  # fmt: skip


@given(st.lists(STATES, max_size=12))
def test_no_path_leaves_a_final_state_and_none_is_sent_twice(tries):
    path = [State.OFFERED]
    for wanted in tries:
        if may_move(path[-1], wanted):
            path.append(wanted)
    assert not any(state.final for state in path[:-1])
    assert path.count(State.SENDING) <= 1
    assert all(state.final or MOVES[state] for state in path)


def test_every_state_is_reached_and_every_one_leads_to_an_end():
    reached, ends = {State.OFFERED}, {state for state in State if state.final}
    for _ in State:
        reached |= {after for state in reached for after in MOVES[state]}
        ends |= {state for state in State if MOVES[state] & ends}
    assert reached == ends == set(State)


def test_what_may_have_been_sent_counts_and_what_was_surely_not_does_not():
    assert {State.SENDING, State.ACCEPTED} | OPEN | UNSENT == RESERVING


@given(IDS, IDS)
def test_a_client_id_is_the_same_for_the_same_intent_only(one, other):
    for integer in (False, True):
        assert client_id_of(one, integer=integer) == client_id_of(one, integer=integer)
        assert (client_id_of(one, integer=integer) == client_id_of(other, integer=integer)) is (one == other)


@given(IDS)
def test_a_client_id_has_the_form_that_exchanges_take(intent_id):
    text, number = client_id_of(intent_id), client_id_of(intent_id, integer=True)
    assert len(text) == 21
    assert text.isascii()
    assert text.isalnum()
    assert text == text.lower()
    assert 0 <= int(number) < 2**45
    assert intent_id[:8] not in text


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=8)), st.sampled_from(sorted(REQUEST)), st.text(max_size=8))
def test_whatever_changes_of_what_was_shown_or_sent_is_noticed(shown, name, value):
    before = digest_of(REQUEST, shown)
    assert digest_of(dict(reversed(REQUEST.items())), dict(shown)) == before
    assert (digest_of(REQUEST | {name: value}, shown) == before) is (REQUEST[name] == value)
    assert (digest_of(REQUEST, shown | {name: value}) == before) is (shown.get(name) == value)


def test_what_is_stored_is_what_is_sent():
    request = as_sent(REQUEST)
    assert {name: str(getattr(request, name)) for name in REQUEST} == REQUEST
    assert (request.side, request.kind, request.wallet) == (Side.BUY, Kind.LIMIT, Wallet.SPOT)
    assert isinstance(request.side, Side)
