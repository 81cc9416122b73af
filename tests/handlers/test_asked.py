"""What an update asks, read from whatever it holds."""

from hypothesis import given
from hypothesis import strategies as st

from handlers._asked import chat_of, for_nobody, guessed, person_of, typed_in

ANN = {"id": 1, "first_name": "Ann"}
PRIVATE, GROUP = {"id": 1, "type": "private"}, {"id": -5, "type": "supergroup"}

junk = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["message", "callback_query", "chat", "from", "text", "id", "type"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


def said(text, chat=PRIVATE):
    return {"update_id": 1, "message": {"from": ANN, "chat": chat, "text": text}}


@given(
    st.dictionaries(
        st.sampled_from(["message", "callback_query", "inline_query", "my_chat_member", "poll"]), junk, max_size=3
    )
)
def test_no_update_whatever_is_too_odd_to_look_at(raw):
    person_of(raw)
    chat_of(raw)
    for_nobody(raw)
    assert isinstance(typed_in(raw), str)


def test_a_person_and_a_chat_are_found_in_every_kind():
    assert person_of(said("x")) == ANN
    assert chat_of(said("x")) == PRIVATE
    press = {"callback_query": {"from": ANN, "message": {"chat": GROUP, "from": {"id": 9}}}}
    assert (person_of(press), chat_of(press)) == (ANN, GROUP)
    assert person_of({"inline_query": {"from": ANN}}) == ANN
    assert person_of({"update_id": 1}) == {}


def test_in_a_group_only_commands_are_for_us():
    assert for_nobody(said("what is btc worth?", GROUP))
    assert not for_nobody(said("/price btc", GROUP))
    assert not for_nobody(said("btc"))


def test_what_has_no_words_or_was_never_asked_for_is_for_nobody():
    assert for_nobody({"message": {"from": ANN, "chat": PRIVATE, "photo": []}})
    assert for_nobody({"poll": {"id": "1"}})
    assert not for_nobody({"callback_query": {"from": ANN}})
    assert not for_nobody({"inline_query": {"from": ANN}})


def test_a_few_short_words_are_coins_and_a_sentence_asks_for_help():
    assert guessed(["btc"]) == ["price", "btc"]
    assert guessed(["btc", "eth", "sol"]) == ["price", "btc", "eth", "sol"]
    assert guessed(["what", "is", "this", "good", "for"]) == ["help"]
    assert guessed(["x" * 17]) == ["help"]
    assert guessed([]) == ["help"]
