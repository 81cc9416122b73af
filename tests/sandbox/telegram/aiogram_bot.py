"""An aiogram bot with the handlers a desk like ours has. Takes seconds to import: only its own tests do."""

from aiogram import Bot, Dispatcher, F, types
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramRetryAfter
from aiogram.filters import Command
from standin_api import TOKEN, picture

__all__ = ["TelegramBadRequest", "TelegramForbiddenError", "TelegramRetryAfter", "bot_at", "dispatcher_of", "types"]

KEYBOARD = types.InlineKeyboardMarkup(
    inline_keyboard=[[types.InlineKeyboardButton(text="Refresh", callback_data="r:BTC")]]
)


def bot_at(url: str) -> Bot:
    return Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(url)))


def dispatcher_of(bot: Bot) -> Dispatcher:
    dispatcher = Dispatcher()

    @dispatcher.message(Command("price"))
    async def price(message: types.Message) -> None:
        await message.answer("<b>Price</b>", parse_mode="HTML", reply_markup=KEYBOARD)

    @dispatcher.message(Command("chart"))
    async def chart(message: types.Message) -> None:
        await message.answer_photo(types.BufferedInputFile(picture(), "c.png"), caption="chart")
        await message.answer_document(types.BufferedInputFile(b"a,b\n", "t.csv"))

    @dispatcher.message(F.document)
    async def document(message: types.Message) -> None:
        held = await bot.download(message.document)
        await message.reply(f"{len(held.read())} bytes")

    @dispatcher.callback_query()
    async def pressed(query: types.CallbackQuery) -> None:
        await query.message.edit_text("Price, fresh")
        await query.answer("fresh")

    @dispatcher.inline_query()
    async def inline(query: types.InlineQuery) -> None:
        content = types.InputTextMessageContent(message_text=f"about {query.query}")
        await query.answer([types.InlineQueryResultArticle(id="1", title="Bitcoin", input_message_content=content)])

    return dispatcher
