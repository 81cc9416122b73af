"""What nobody should type: each line gets exactly one answer in plain words, and none of them is our fault."""

import pytest

from tests.desk import PATIENCE_S, Desk, Told, World, answered, answers, asked, card

pytestmark = pytest.mark.usefixtures("desk")

COMMANDS = (
    "start", "help", "price", "cap", "top", "chart", "calc", "export", "watch", "settings", "settings zone",
    "settings language", "access", "cancel", "pick", "users", "letin", "block",
)  # fmt: skip
OUR_FAULT = ("on my side", "gave up", "Reference")

LINES = {
    "nothing": "",
    "many words": " ".join(f"w{i}" for i in range(60)),
    "many coins": " ".join(["btc eth sol xrp bnb ada doge trx link ltc xlm"] * 20),
    "4096 characters": "x" * 4070,
    "emoji": "🚀🚀🚀 👩\u200d👩\u200d👧 🇩🇪",
    "right to left": "بيتكوين \u202e btc עברית",
    "HTML": "<b>x</b> <script>alert(1)</script> &amp; <a href='tg://user?id=1'>",
    "open HTML": "<b><i",
    "a long number": "9" * 4000,
    "a long number of coins": "9" * 1000 + " btc " + "9" * 1000,
    "exponents": "1e999999999 btc eth",
    "two readings": "1,500",
    "minus": "-1 btc eth",
    "not a number": "NaN btc eth",
    "infinite": "Infinity btc usd",
    "other digits": "٣٫٥ btc",
    "an unknown coin": "nosuchcoin",
    "SQL": "'; DROP TABLE users; --",
    "percent": "%s%n%x {0} {name} $BTC $$ \\",
    "control": "a\x00b\x07c\u2028d\u200b",
    "lone surrogates survive": "\ufffd \U0010ffff",
    "a path": "../../etc/passwd /etc/passwd",
    "underscores": "price_btc_" * 20,
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
async def test_every_command_answers_it_once_and_kindly(world: World, desk: Desk, told: Told, line: str):
    """Each said by somebody of his own, in either language; without a command too."""
    said = {f"/{command} {line}"[:4096]: world.stranger(("en", "zh-hans")[len(command) % 2]) for command in COMMANDS}
    if line:
        said[line] = world.stranger()
    for typed, person in said.items():
        person.send(typed)
    for person in said.values():
        await answered(person)
    await desk.settled()
    for typed, person in said.items():
        heard = [message.text for message in answers(person)]
        assert len(heard) == 1, (typed[:80], heard)
        assert not any(words in heard[0] for words in OUR_FAULT), (typed[:80], heard)
    assert told.errors() == []


@pytest.mark.parametrize("command", ["users", "letin", "block"])
async def test_an_admin_may_mistype_as_well(world: World, desk: Desk, told: Told, command: str):
    for line in LINES.values():
        heard = (await asked(world.admin, f"/{command} {line}"[:4096])).text
        assert not any(words in heard for words in OUR_FAULT), (line[:80], heard)
        world.telegram.tg.clock.advance(2)  # nobody types that fast
    await desk.settled()
    assert told.errors() == []


async def test_a_forged_button_is_answered_and_stops_turning(world: World, desk: Desk, told: Told):
    alice = world.alice
    message = await asked(alice, "/start")
    for data in ("", " ", "!", "!!price btc", "nosuch", "price", "x" * 64, "pick", "pick UNI", "\x00"):
        query = {"id": "77", "from": alice.user.wire, "message": message.wire, "chat_instance": "1", "data": data}
        calls = world.telegram.last_call
        world.telegram.inject({"callback_query": query})
        await world.telegram.until_called("answerCallbackQuery", since=calls, timeout_s=PATIENCE_S)
    await desk.settled()
    assert told.errors() == []


async def test_an_inline_query_of_it_is_answered(world: World, told: Told):
    for line in LINES.values():
        offer = await world.stranger().inline(line[:256], timeout_s=PATIENCE_S)
        assert len(offer.results) <= 50
    assert told.errors() == []


async def test_what_is_no_text_gets_no_answer_and_does_no_harm(world: World, desk: Desk, told: Told):
    alice = world.alice
    alice.send_document(b"\x00" * 100, "a picture.bin", "with a caption")
    alice.send_document(b"1,2,3", "keys.csv")
    world.telegram.inject(
        {"message": {"message_id": 1, "date": 1, "chat": {"id": -77, "type": "channel", "title": "c"}}}
    )
    world.telegram.inject({"poll": {"id": "1"}})
    assert card("BTC")(await asked(alice, "btc"))
    await desk.settled()
    assert told.errors() == []


@pytest.mark.parametrize("content", [
    {"message": {"text": "/price btc"}},
    {"message": None},
    {"message": "x"},
    {"callback_query": {"id": "1", "from": {"id": 1001, "is_bot": False, "first_name": "A"}, "chat_instance": "1"}},
    {"message": {"message_id": 9, "date": 1, "chat": {"id": 1001, "type": "private"}, "text": "/price btc"}},
    {"message": {"message_id": 9, "date": "soon", "chat": {"id": 1001, "type": "private"}, "text": "/price"}},
    {},
])  # fmt: skip
async def test_an_update_that_is_none_does_not_stop_the_others(world: World, content: dict):
    await asked(world.alice, "/start")
    world.telegram.bot().updates.put_raw({"update_id": world.telegram.bot().updates.last_id + 1, **content})
    assert card("BTC")(await asked(world.alice, "btc"))
    assert card("ETH")(await asked(world.bob, "eth"))
