"""Other people's client on the stand-in: a bare python-telegram-bot Application, polling."""

from collections.abc import AsyncIterator

import pytest
from standin_api import TOKEN, picture
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
