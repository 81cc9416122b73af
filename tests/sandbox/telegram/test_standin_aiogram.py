"""Other people's client on the stand-in: an aiogram bot, polling."""

import importlib
from collections.abc import AsyncIterator
from types import ModuleType
from typing import Any

import pytest
from standin_api import Aside, picture

from bot.sandbox.telegram import Person, TelegramStandIn


@pytest.fixture(scope="module")
def aiogram() -> ModuleType:
    return importlib.import_module("aiogram_bot")


@pytest.fixture
async def bot(aiogram: ModuleType, aside: Aside, standin: TelegramStandIn) -> AsyncIterator[Any]:
    bot = aiogram.bot_at(standin.url)
    dispatcher = aiogram.dispatcher_of(bot)
    polling = aside(dispatcher.start_polling(bot, polling_timeout=5, handle_signals=False, close_bot_session=False))
    yield bot
    await dispatcher.stop_polling()
    await polling
    await bot.session.close()


@pytest.mark.usefixtures("bot")
async def test_commands_buttons_and_edits(alice: Person) -> None:
    alice.send("/price")
    card = await alice.wait()
    assert (card.text, card.wire["entities"][0]["type"]) == ("Price", "bold")
    pressed = alice.press(card, "r:BTC")
    assert (await pressed.answer())["text"] == "fresh"
    assert (await alice.wait()).text == "Price, fresh"


@pytest.mark.usefixtures("bot")
async def test_pictures_documents_and_inline(alice: Person) -> None:
    alice.send("/chart")
    assert (await alice.wait(lambda seen: seen.text == "chart")).file == picture()
    assert (await alice.wait(lambda seen: "document" in seen.wire)).file == b"a,b\n"
    alice.send_document(b"12345")
    assert (await alice.wait()).text == "5 bytes"
    offer = await alice.inline("eth")
    assert alice.choose(offer).text == "about eth"


async def test_menus_and_refusals(aiogram: ModuleType, bot: Any, alice: Person, standin: TelegramStandIn) -> None:
    await bot.set_my_commands([aiogram.types.BotCommand(command="price", description="Prices")])
    assert [command.command for command in await bot.get_my_commands()] == ["price"]
    assert (await bot.get_chat(1001)).first_name == "Alice"
    with pytest.raises(aiogram.TelegramBadRequest, match="can't parse entities"):
        await bot.send_message(1001, "<b>x", parse_mode="HTML")
    alice.block()
    with pytest.raises(aiogram.TelegramForbiddenError):
        await bot.send_message(1001, "x")
    alice.unblock()
    standin.tg.faults.add("retry_after", retry_after=3, method="sendMessage")
    with pytest.raises(aiogram.TelegramRetryAfter):
        await bot.send_message(1001, "x")
