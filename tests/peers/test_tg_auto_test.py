"""A person's way through the desk as somebody else's bench sees it: its client reads, its parser takes tags apart."""

import csv
import io
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest
from telegram import BotCommandScopeAllPrivateChats
from telethon.tl.functions.bots import GetBotCommandsRequest
from telethon.tl.types import BotCommandScopePeer, InputPeerUser, MessageEntityBold, MessageEntityTextUrl
from tg_auto_test.test_utils.serverless_message import ServerlessMessage
from tg_auto_test.test_utils.serverless_telegram_client import ServerlessTelegramClient
from tg_auto_test.test_utils.serverless_telegram_conversation import ServerlessTelegramConversation

from bot.sandbox.coincodex import CoinCodexStandIn
from bot.sandbox.market import Market
from bot.sandbox.telegram.entities import parse_html
from tests.desk import Told, eventually
from tests.peers.bench import PERSON, OnBench, on_bench

PNG = b"\x89PNG\r\n\x1a\n"
MANY_LOOKS = (
    "/start", "/help", "/price btc", "/price btc eth sol", "/cap", "/top 5", "/calc 1 btc eth", "/settings", "/access",
    "/users", "/price <b>&amp;", "/settings language zh", "/help", "/price btc", "/top",
)  # fmt: skip
Bench = tuple[ServerlessTelegramClient, OnBench]


@pytest.fixture
async def bench(market: Market, tmp_path: Path, told: Told) -> AsyncIterator[Bench]:
    coincodex = CoinCodexStandIn(market)
    await coincodex.start()
    async with on_bench(coincodex.url, tmp_path) as put_up:
        yield put_up
    await coincodex.stop()
    assert told.errors() == []


@pytest.fixture
async def talk(bench: Bench) -> AsyncIterator[ServerlessTelegramConversation]:
    async with bench[0].conversation("changedesk") as conversation:
        yield conversation


async def asked(talk: ServerlessTelegramConversation, line: str) -> ServerlessMessage:
    """The answer; the word that it takes long is none."""
    await talk.send_message(line)
    while (answer := await talk.get_response()).text.startswith("⏳"):
        pass
    return answer


def chinese(text: str) -> bool:
    return any("一" <= sign <= "龥" for sign in text)


async def test_start_says_hello_with_buttons_that_fit(talk):
    hello = await asked(talk, "/start")
    assert "@test_bot" in hello.text
    assert hello.button_count >= 3
    assert all(0 < len(button.data) <= 64 for row in hello.buttons for button in row)


async def test_a_price_card_is_formatted_and_refreshed_in_its_place(talk, bench: Bench):
    card = await asked(talk, "/price btc")
    assert card.text.startswith("Bitcoin · BTC")
    assert {MessageEntityBold, MessageEntityTextUrl} <= {type(entity) for entity in card.entities}
    await card.click(text=lambda label: "Refresh" in label)
    edited = await talk.get_edit()
    assert (edited.id, edited.text[:13], edited.button_count) == (card.id, card.text[:13], card.button_count)
    assert sum(call.api_method == "sendMessage" for call in bench[0]._api_calls) == 1
    await eventually(lambda: any(call.api_method == "answerCallbackQuery" for call in bench[0]._api_calls))


async def test_a_button_that_leads_elsewhere_does_not_take_the_place_of_its_card(talk):
    hello = await asked(talk, "/start")
    await hello.click(text=lambda label: "Prices" in label)
    card = await talk.get_response()
    assert "BTC" in card.text
    assert card.id != hello.id
    with pytest.raises(RuntimeError, match="did not edit"):
        await talk.get_edit()


async def test_a_chart_is_a_picture(talk):
    chart = await asked(talk, "/chart btc")
    assert chart.photo is not None
    assert chart.document is None
    assert (await chart.download_media(file=bytes)).startswith(PNG)
    assert chart.file.width > chart.file.height > 300
    assert "BTC" in chart.text


async def test_a_table_is_a_file_that_others_can_read(talk):
    table = await asked(talk, "/export BTC 7d")
    assert table.photo is None
    assert (table.file.name.endswith(".csv"), table.file.mime_type) == (True, "text/csv")
    rows = list(csv.DictReader(io.StringIO((await table.download_media(file=bytes)).decode())))
    assert len(rows) > 100
    assert Decimal(rows[-1]["BTC_price"]) > 0


async def test_the_language_is_changed_and_its_answer_comes_once(talk, bench: Bench):
    assert not chinese((await asked(talk, "/help")).text)
    assert chinese((await asked(talk, "/settings language zh")).text)
    assert chinese((await asked(talk, "/help")).text)
    assert sum(call.api_method == "sendMessage" for call in bench[0]._api_calls) == 3


async def test_a_mistyped_command_is_put_right_by_a_button_that_works(talk):
    mistake = await asked(talk, "/pirce btc")
    assert "/pirce" in mistake.text
    await mistake.click(text="/price btc")
    assert "BTC" in (await talk.get_response()).text


async def test_an_admin_sees_more_commands_than_others(bench: Bench):
    client, desk = bench
    chat = InputPeerUser(user_id=PERSON, access_hash=0)
    admins = GetBotCommandsRequest(scope=BotCommandScopePeer(peer=chat), lang_code="")
    await eventually(lambda: client._request.get_scoped_commands(f"chat:{PERSON}"))
    everyones = await desk.app.library.bot.get_my_commands(BotCommandScopeAllPrivateChats())
    names, fewer = {entry.command for entry in await client(admins)}, {entry.command for entry in everyones}
    assert {"price", "cap", "chart", "export"} < fewer < names
    assert {"users", "halt", "resume"} <= names - fewer
    assert all(entry.description for entry in await client(admins))


async def test_our_stand_in_reads_our_tags_as_the_bench_does(talk, bench: Bench):
    for line in MANY_LOOKS:
        await asked(talk, line)
    sent = [call for call in bench[0]._api_calls if call.parameters.get("parse_mode") == "HTML"]
    assert len(sent) >= len(MANY_LOOKS)
    for call in sent:
        text, entities = parse_html(call.parameters["text"])
        assert (text, entities) == (call.result["text"], call.result.get("entities", []))
