"""python-telegram-bot with its defaults."""

import sys

from telegram import Update
from telegram.ext import Application, CommandHandler, ContextTypes


async def echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG001  # the library's interface
    await update.message.reply_text(update.message.text)


def main(url: str, token: str) -> None:
    application = Application.builder().token(token).base_url(f"{url}/bot").build()
    application.add_handler(CommandHandler("price", echo))
    application.run_polling()


if __name__ == "__main__":
    main(*sys.argv[1:])
