"""aiogram; `serial` handles updates one by one, `tasks` each in a task of its own, 256 at once."""

import asyncio
import sys

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import Command
from aiogram.types import Message

AT_ONCE = 256


async def echo(message: Message) -> None:
    await message.answer(message.text)


async def main(url: str, token: str, way: str) -> None:
    dispatcher = Dispatcher()
    dispatcher.message.register(echo, Command("price"))
    bot = Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(url), limit=AT_ONCE))
    tasks = way == "tasks"
    await dispatcher.start_polling(bot, handle_as_tasks=tasks, tasks_concurrency_limit=AT_ONCE if tasks else None)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
