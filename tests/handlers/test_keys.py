"""/keys and the line with a key: what each word does, and that buttons lead where they say."""

from pathlib import Path

import pytest

from bot.domain.errors import NotAllowed, UserMistake
from bot.domain.orders import Permissions
from tests.handlers.conftest import ANN, Room, buttons
from tests.key_shelf import KeyShelf

BEN = 2


with_keys = pytest.mark.usefixtures("shelf")


@pytest.fixture
def shelf(room: Room) -> KeyShelf:
    """In place of the market that answers no questions about keys; the services hold the same mapping."""
    shelf = KeyShelf()
    room.exchanges["binance"] = shelf
    return shelf


async def token(room: Room, line: str = "keys add binance", who: int = ANN) -> str:
    """What a person is asked for a key by; the next line of his begins with it."""
    await room.say(line, who)
    return await room.services.dialogs.pending(who, who)


async def connect(room: Room, shelf: KeyShelf, label: str = "main", who: int = ANN, **rights) -> str:
    """The id of a new key."""
    key, secret = shelf.add(
        f"key-{label}-{who}", "s3cret", Permissions(**({"trade": True, "withdraw": False} | rights))
    )
    line = await token(room, f"keys add binance {label}", who)
    await room.say(f"{line} {key} {secret}", who)
    return next(held.id for held in await room.services.accounts.all_of(who) if held.label == label)


@with_keys
async def test_without_a_key_there_is_a_way_to_one(room: Room):
    empty = await room.say("keys")
    assert "No key yet" in empty.plain
    assert "!keys add" in buttons(empty)
    assert "!keys add binance" in buttons(await room.say("keys add"))


async def test_the_list_tells_state_and_fingerprint_and_nothing_of_the_key(room: Room, shelf: KeyShelf):
    await connect(room, shelf, "main")
    await connect(room, shelf, "reader", trade=False)
    shown = (await room.say("keys")).plain
    (main, _) = await room.services.accounts.all_of(ANN)
    assert main.fingerprint in shown
    assert "may trade" in shown
    assert "reads only" in shown
    assert "key-main" not in shown


async def test_every_button_of_a_card_leads_on(room: Room, shelf: KeyShelf):
    account_id = await connect(room, shelf)
    card = await room.say(f"keys {account_id}")
    for data in buttons(card):
        assert (await room.say(data.removeprefix("!"))).plain


async def test_dropping_asks_for_a_second_press(room: Room, shelf: KeyShelf):
    account_id = await connect(room, shelf)
    asked = await room.say(f"keys drop {account_id}")
    assert f"keys drop {account_id} yes" in buttons(asked)
    assert len(await room.services.accounts.all_of(ANN)) == 1
    assert "disconnected" in (await room.say(f"keys drop {account_id} yes")).plain
    assert await room.services.accounts.all_of(ANN) == []


async def test_a_name_may_be_typed_at_once_or_after_the_question(room: Room, shelf: KeyShelf):
    account_id = await connect(room, shelf)
    assert "is called old gold" in (await room.say(f"keys name {account_id} old gold")).plain
    assert "new name" in (await room.say(f"keys name {account_id}")).plain
    assert await room.services.dialogs.pending(ANN, ANN) == f"keys name {account_id}"


@pytest.mark.parametrize("label", ["x" * 25, "a\u202eb"])
async def test_a_name_that_would_not_fit_is_refused(room: Room, shelf: KeyShelf, label: str):
    account_id = await connect(room, shelf)
    with pytest.raises(UserMistake) as told:
        await room.say(f"keys name {account_id} {label}")
    assert told.value.key == "label.unfit"


@with_keys
@pytest.mark.parametrize("line", ["keys nosuch", "keys check", "keys name", "keys drop x yes", "keys replace", "keyin"])
async def test_what_there_is_not_is_said(room: Room, line: str):
    with pytest.raises(UserMistake) as told:
        await room.say(line)
    assert told.value.key in {"account.unknown", "key.link_over"}


@with_keys
async def test_an_exchange_that_is_not_there_is_answered_with_those_that_are(room: Room):
    with pytest.raises(UserMistake) as told:
        await room.say("keys add kraken")
    assert told.value.key == "vendor.unknown"
    assert ("Binance", "keys add binance") in told.value.suggestions


async def test_a_key_of_anothers_is_unknown(room: Room, shelf: KeyShelf):
    account_id = await connect(room, shelf)
    for line in ("", "check ", "name ", "replace ", "drop "):
        with pytest.raises(UserMistake) as told:
            await room.say(f"keys {line}{account_id}", BEN)
        assert told.value.key == "account.unknown"


async def test_too_few_and_too_many_words_are_no_key(room: Room, shelf: KeyShelf):
    line = await token(room)
    for words in ("", "one", "one two three"):
        with pytest.raises(UserMistake) as told:
            await room.say(f"{line} {words}")
        assert told.value.key == "keyin.parts"
    assert shelf.asked == []


@with_keys
async def test_a_locked_person_hands_over_no_key(room: Room):
    await room.say("lock")
    with pytest.raises(NotAllowed) as told:
        await room.say("keys add binance")
    assert told.value.key == "locked.now"


def test_the_words_of_these_handlers_are_never_logged():
    """A line of theirs holds a key."""
    for name in ("keys.py", "guards.py", "_second_step.py", "_tripwire.py"):
        source = (Path(__file__).parents[2] / "handlers" / name).read_text(encoding="utf-8")
        assert "log" not in source.replace("dialogs", "")


async def test_what_the_buttons_say_can_be_typed(room: Room, shelf: KeyShelf):
    wanted = await room.say("keys connect binance")
    assert "Binance" in wanted.plain
    account_id = await connect(room, shelf)
    await room.say(f"keys rename {account_id} savings")
    assert "savings" in (await room.say(f"keys {account_id}")).plain
    assert f"keys drop {account_id} yes" in buttons(await room.say(f"keys disconnect {account_id}"))


async def test_who_has_no_phrase_sees_no_empty_one(room: Room):
    assert "🕊" not in (await room.say("keys add binance")).plain
    await room.say("phrase blue heron")
    assert "🕊 blue heron" in (await room.say("keys add binance")).plain
