"""The wire to Telegram, over loopback."""

from collections.abc import AsyncIterator

import pytest

from bot.sandbox.telegram import TelegramStandIn
from bot.telegram.api import BotApi
from bot.telegram.sending import Sender
from bot.telegram.transport import Transport

TOKEN = "123456:tests-token-abcdefghijklmnopqrstuvwxyz"


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramStandIn]:
    made = TelegramStandIn(tokens=[TOKEN])
    await made.start()
    made.person("alice").send("/start")
    yield made
    await made.stop()


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    made = Transport()
    yield made
    await made.shutdown()


@pytest.fixture
def api(telegram: TelegramStandIn, transport: Transport) -> BotApi:
    return BotApi(transport, telegram.url, TOKEN)


@pytest.fixture
def sender(api: BotApi) -> Sender:
    return Sender(api)
