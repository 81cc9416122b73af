"""A Telegram of one's own on loopback: Bot API, people with a Telegram app, and a page to be one of them."""

from bot.sandbox.telegram.calls import Logged
from bot.sandbox.telegram.person import Person, Pressed, Seen
from bot.sandbox.telegram.server import Switchboard, TelegramStandIn

__all__ = ["Logged", "Person", "Pressed", "Seen", "Switchboard", "TelegramStandIn"]
