"""What nobody should type: each line gets exactly one answer in plain words, and none of them is our fault."""

import pytest

from bot.sandbox.telegram import Person
from tests.desk import PATIENCE_S, Desk, Told, World, answers, asked, card

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


async def _one_kind_answer(desk: Desk, person: Person, line: str) -> str:
    person.send(line)
    await person.wait(timeout_s=PATIENCE_S)
    await desk.settled()
    said = answers(person)
    assert len(said) == 1, (line[:80], [message.text for message in said])
    assert not any(words in said[0].text for words in OUR_FAULT), (line[:80], said[0].text)
    return said[0].text


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
async def test_every_command_answers_it_once_and_kindly(world: World, desk: Desk, told: Told, line: str):
    people = [world.stranger(), world.stranger("zh-hans")]
    for number, command in enumerate(COMMANDS):
        await _one_kind_answer(desk, people[number % 2], f"/{command} {line}"[:4096])
    assert told.errors() == []


@pytest.mark.parametrize(
    "line", [line for line in LINES.values() if line], ids=[name for name, x in LINES.items() if x]
)
async def test_said_without_a_command_it_is_answered_too(world: World, desk: Desk, told: Told, line: str):
    await _one_kind_answer(desk, world.stranger(), line)
    assert told.errors() == []


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
async def test_an_admin_may_mistype_as_well(world: World, desk: Desk, told: Told, line: str):
    for command in ("users", "letin", "block"):
        await _one_kind_answer(desk, world.admin, f"/{command} {line}"[:4096])
    assert told.errors() == []


@pytest.mark.parametrize("data", ["", " ", "!", "!!price btc", "nosuch", "price", "x" * 64, "pick", "pick UNI", "\x00"])
async def test_a_forged_button_is_answered_and_stops_turning(world: World, desk: Desk, told: Told, data: str):
    alice = world.alice
    message = await asked(alice, "/start")
    query = {"id": "77", "from": alice.user.wire, "message": message.wire, "chat_instance": "1", "data": data}
    calls = world.telegram.last_call
    world.telegram.inject({"callback_query": query})
    await world.telegram.until_called("answerCallbackQuery", since=calls, timeout_s=PATIENCE_S)
    await desk.settled()
    assert told.errors() == []


@pytest.mark.parametrize("query", [line[:256] for line in LINES.values()], ids=LINES)
async def test_an_inline_query_of_it_is_answered(world: World, told: Told, query: str):
    offer = await world.alice.inline(query, timeout_s=PATIENCE_S)
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
