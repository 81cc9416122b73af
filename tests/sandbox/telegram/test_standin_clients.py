"""Other people's clients on the stand-in: a bare python-telegram-bot Application and an aiogram bot, both polling."""

import io
from collections.abc import AsyncIterator

import pytest
from aiogram import Bot, Dispatcher, F
from aiogram import types as aio
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramRetryAfter
from aiogram.filters import Command
from PIL import Image
from standin_api import TOKEN, Aside
from telegram import (
    BotCommand,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputMediaPhoto,
    InputTextMessageContent,
    Update,
)
from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    ChosenInlineResultHandler,
    CommandHandler,
    ContextTypes,
    InlineQueryHandler,
    MessageHandler,
    filters,
)

from bot.sandbox.telegram import Person, TelegramStandIn

Context = ContextTypes.DEFAULT_TYPE


def picture() -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(held, "PNG")
    return held.getvalue()


KEYBOARD = InlineKeyboardMarkup([[InlineKeyboardButton("Refresh", callback_data="r:BTC")]])


class PtbBot:
    """The handlers a desk like ours has, in python-telegram-bot's own way."""

    def __init__(self) -> None:
        self.chosen: list[str] = []
        self.edited: list[str] = []
        self.received: list[bytes] = []

    async def price(self, update: Update, context: Context) -> None:
        await update.message.reply_html(f"<b>Price</b> of {' '.join(context.args or [])}", reply_markup=KEYBOARD)

    async def pressed(self, update: Update, _: Context) -> None:
        await update.callback_query.answer("fresh", show_alert=True)
        await update.callback_query.edit_message_text("Price, fresh", reply_markup=KEYBOARD)

    async def chart(self, update: Update, _: Context) -> None:
        await update.message.chat.send_action("upload_photo")
        waiting = await update.message.reply_text("drawing")
        await waiting.edit_media(InputMediaPhoto(picture(), caption="chart"))

    async def table(self, update: Update, _: Context) -> None:
        await update.message.reply_document(b"a,b\n1,2\n", filename="t.csv", caption="table")

    async def document(self, update: Update, _: Context) -> None:
        file = await update.message.document.get_file()
        self.received.append(bytes(await file.download_as_bytearray()))
        await update.message.reply_text("thanks", do_quote=True)

    async def inline(self, update: Update, _: Context) -> None:
        content = InputTextMessageContent(f"<b>{update.inline_query.query}</b>", parse_mode="HTML")
        await update.inline_query.answer(
            [InlineQueryResultArticle("1", "Bitcoin", content, reply_markup=KEYBOARD)], cache_time=0
        )

    async def chose(self, update: Update, context: Context) -> None:
        self.chosen.append(update.chosen_inline_result.result_id)
        await context.bot.edit_message_text("later", inline_message_id=update.chosen_inline_result.inline_message_id)

    async def changed(self, update: Update, _: Context) -> None:
        self.edited.append(update.edited_message.text)
        await update.edited_message.reply_text("noted")

    def handlers(self) -> list[object]:
        new = filters.UpdateType.MESSAGE
        return [
            CommandHandler("price", self.price, filters=new),
            CommandHandler("chart", self.chart, filters=new),
            CommandHandler("table", self.table, filters=new),
            CallbackQueryHandler(self.pressed),
            MessageHandler(filters.Document.ALL, self.document),
            MessageHandler(filters.UpdateType.EDITED_MESSAGE, self.changed),
            InlineQueryHandler(self.inline),
            ChosenInlineResultHandler(self.chose),
        ]


@pytest.fixture
async def ptb(standin: TelegramStandIn) -> AsyncIterator[tuple[Application, PtbBot]]:
    url = standin.url
    app = Application.builder().token(TOKEN).base_url(f"{url}/bot").base_file_url(f"{url}/file/bot").build()
    bot = PtbBot()
    app.add_handlers(bot.handlers())
    await app.initialize()
    await app.start()
    await app.updater.start_polling(timeout=5, allowed_updates=Update.ALL_TYPES)
    yield app, bot
    standin.person("alice").send("bye")  # ends the parked poll at once
    await app.updater.stop()
    await app.stop()
    await app.shutdown()


async def test_ptb_commands_buttons_and_edits(ptb: tuple[Application, PtbBot], alice: Person) -> None:
    alice.send("/price btc")
    card = await alice.wait()
    assert (card.text, card.labels) == ("Price of btc", ["Refresh"])
    pressed = alice.press(card, "Refresh")
    assert (await pressed.answer()) == {"text": "fresh", "show_alert": True, "url": ""}
    fresh = await alice.wait(lambda seen: seen.text == "Price, fresh")
    assert fresh.id == card.id
    alice.edit(alice.messages()[1], "/price eth")
    assert (await alice.wait()).text == "noted"
    assert ptb[1].edited == ["/price eth"]


async def test_ptb_pictures_and_documents_both_ways(ptb: tuple[Application, PtbBot], alice: Person) -> None:
    alice.send("/chart")
    chart = await alice.wait(lambda seen: seen.text == "chart")
    assert chart.file == picture()
    alice.send("/table")
    table = await alice.wait()
    assert (table.file, table.wire["document"]["file_name"]) == (b"a,b\n1,2\n", "t.csv")
    alice.send_document(b"my rows", "mine.csv")
    thanks = await alice.wait()
    assert thanks.wire["reply_to_message"]["document"]["file_name"] == "mine.csv"
    assert ptb[1].received == [b"my rows"]


async def test_ptb_inline_from_question_to_edit(ptb: tuple[Application, PtbBot], alice: Person) -> None:
    offer = await alice.inline("btc")
    assert [result["title"] for result in offer.results] == ["Bitcoin"]
    posted = alice.choose(offer)
    assert posted.wire["via_bot"]["id"] == 42
    assert posted.wire["entities"] == [{"type": "bold", "offset": 0, "length": 3}]
    assert (await alice.wait(lambda seen: seen.text == "later")).id == posted.id
    assert ptb[1].chosen == ["1"]


async def test_ptb_menus_by_scope_and_language(ptb: tuple[Application, PtbBot], alice: Person, bob: Person) -> None:
    bot = ptb[0].bot
    await bot.set_my_commands([BotCommand("price", "Prices")])
    await bot.set_my_commands([BotCommand("price", "价格")], language_code="zh")
    await bot.set_my_commands([BotCommand("broadcast", "Send")], scope=BotCommandScopeChat(1001))
    assert [c["command"] for c in alice.menu()] == ["broadcast"]
    assert bob.menu() == [{"command": "price", "description": "价格"}]
    assert [c.description for c in await bot.get_my_commands()] == ["Prices"]
    await bot.delete_my_commands(scope=BotCommandScopeChat(1001))
    assert alice.menu() == [{"command": "price", "description": "Prices"}]
    await bot.set_my_description("A desk", language_code="zh")
    assert (await bot.get_my_description(language_code="zh")).description == "A desk"
    assert (await bot.get_my_short_description()).short_description == ""


@pytest.mark.filterwarnings("ignore:Deprecated since version v22.2")
async def test_ptb_understands_every_refusal(
    ptb: tuple[Application, PtbBot], alice: Person, standin: TelegramStandIn
) -> None:
    bot = ptb[0].bot
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(99, "x")
    with pytest.raises(Forbidden, match="bot can't initiate"):
        await bot.send_message(1002, "x")
    alice.block()
    with pytest.raises(Forbidden, match="blocked by the user"):
        await bot.send_message(1001, "x")
    alice.unblock()
    standin.tg.faults.add("retry_after", retry_after=3, method="sendMessage")
    with pytest.raises(RetryAfter):
        await bot.send_message(1001, "x")
    group = standin.add_group("Coins", ["alice"])
    await bot.send_message(group.id, "hi")
    new = standin.upgrade(group.id)
    with pytest.raises(ChatMigrated) as moved:
        await bot.send_message(group.id, "hi")
    assert moved.value.new_chat_id == new.id
    assert (await bot.send_message(new.id, "hi")).chat.type == "supergroup"


@pytest.mark.usefixtures("alice")
async def test_ptb_reads_chats_and_members(ptb: tuple[Application, PtbBot], standin: TelegramStandIn) -> None:
    bot = ptb[0].bot
    group = standin.add_group("Coins", ["alice", "bob"])
    assert (await bot.get_chat(1001)).username == "alice"
    assert (await bot.get_chat(group.id)).title == "Coins"
    assert await bot.get_chat_member_count(group.id) == 3
    assert [m.status for m in await bot.get_chat_administrators(group.id)] == ["creator"]
    assert (await bot.get_chat_member(group.id, 1002)).status == "member"
    assert (await bot.get_chat_member(group.id, 1003)).status == "left"
    assert (await bot.get_user_profile_photos(1001)).total_count == 0
    assert (await bot.get_webhook_info()).url == ""
    await bot.leave_chat(group.id)
    with pytest.raises(Forbidden):
        await bot.send_message(group.id, "x")


@pytest.fixture
async def aiogram_bot(aside: Aside, standin: TelegramStandIn) -> AsyncIterator[Bot]:
    server = TelegramAPIServer.from_base(standin.url)
    bot = Bot(TOKEN, session=AiohttpSession(api=server))
    dispatcher = Dispatcher()
    keyboard = aio.InlineKeyboardMarkup(
        inline_keyboard=[[aio.InlineKeyboardButton(text="Refresh", callback_data="r:BTC")]]
    )

    @dispatcher.message(Command("price"))
    async def price(message: aio.Message) -> None:
        await message.answer("<b>Price</b>", parse_mode="HTML", reply_markup=keyboard)

    @dispatcher.message(Command("chart"))
    async def chart(message: aio.Message) -> None:
        await message.answer_photo(aio.BufferedInputFile(picture(), "c.png"), caption="chart")
        await message.answer_document(aio.BufferedInputFile(b"a,b\n", "t.csv"))

    @dispatcher.message(F.document)
    async def document(message: aio.Message) -> None:
        held = await bot.download(message.document)
        await message.reply(f"{len(held.read())} bytes")

    @dispatcher.callback_query()
    async def pressed(query: aio.CallbackQuery) -> None:
        await query.message.edit_text("Price, fresh")
        await query.answer("fresh")

    @dispatcher.inline_query()
    async def inline(query: aio.InlineQuery) -> None:
        content = aio.InputTextMessageContent(message_text=f"about {query.query}")
        await query.answer([aio.InlineQueryResultArticle(id="1", title="Bitcoin", input_message_content=content)])

    polling = aside(dispatcher.start_polling(bot, polling_timeout=5, handle_signals=False, close_bot_session=False))
    yield bot
    await dispatcher.stop_polling()
    await polling
    await bot.session.close()


@pytest.mark.usefixtures("aiogram_bot")
async def test_aiogram_commands_buttons_and_edits(alice: Person) -> None:
    alice.send("/price")
    card = await alice.wait()
    assert (card.text, card.wire["entities"][0]["type"]) == ("Price", "bold")
    pressed = alice.press(card, "r:BTC")
    assert (await pressed.answer())["text"] == "fresh"
    assert (await alice.wait()).text == "Price, fresh"


@pytest.mark.usefixtures("aiogram_bot")
async def test_aiogram_pictures_documents_and_inline(alice: Person) -> None:
    alice.send("/chart")
    assert (await alice.wait(lambda seen: seen.text == "chart")).file == picture()
    assert (await alice.wait(lambda seen: "document" in seen.wire)).file == b"a,b\n"
    alice.send_document(b"12345")
    assert (await alice.wait()).text == "5 bytes"
    offer = await alice.inline("eth")
    assert alice.choose(offer).text == "about eth"


async def test_aiogram_menus_and_refusals(aiogram_bot: Bot, alice: Person, standin: TelegramStandIn) -> None:
    await aiogram_bot.set_my_commands([aio.BotCommand(command="price", description="Prices")])
    assert [command.command for command in await aiogram_bot.get_my_commands()] == ["price"]
    assert (await aiogram_bot.get_chat(1001)).first_name == "Alice"
    with pytest.raises(TelegramBadRequest, match="can't parse entities"):
        await aiogram_bot.send_message(1001, "<b>x", parse_mode="HTML")
    alice.block()
    with pytest.raises(TelegramForbiddenError):
        await aiogram_bot.send_message(1001, "x")
    alice.unblock()
    standin.tg.faults.add("retry_after", retry_after=3, method="sendMessage")
    with pytest.raises(TelegramRetryAfter):
        await aiogram_bot.send_message(1001, "x")
