"""One look after the other, the nearest first."""

from collections.abc import AsyncIterator

from bot.doctor import house, outside
from bot.doctor.findings import Finding, fault, note
from bot.domain.ports import Clock
from bot.settings import Settings
from bot.telegram.api import BotApi
from bot.telegram.transport import Transport
from bot.vendors import vendors
from storage.vault import KeySource


async def look(
    settings: Settings, source: KeySource, clock: Clock, listens_s: int = outside.LISTENS_S
) -> AsyncIterator[Finding]:
    """Reads, asks, and changes nothing. `listens_s`: how long it waits for another poller to show."""
    running = house.running(settings)
    if running:
        yield note("desk", "it runs on this database")
    for finding in house.files(settings):
        yield finding
    yield house.room(settings)
    yield house.vault_key(settings, source)
    for finding in house.database(settings, clock):
        yield finding
    if not running:
        for finding in house.places(settings):
            yield finding
    if finding_of_proxy := await outside.proxy(settings):
        yield finding_of_proxy
    yield await outside.clock(settings, clock)
    async for finding in _of_telegram(settings, listens_s, running=running):
        yield finding
    async for finding in _of_vendors(settings, clock):
        yield finding


async def _of_telegram(settings: Settings, listens_s: int, *, running: bool) -> AsyncIterator[Finding]:
    if not settings.bot_token:
        yield fault("telegram", "BOT_TOKEN is not set: @BotFather gives one (/newbot)")
        return
    transport = Transport(settings.proxy("telegram"))
    try:
        api = BotApi(transport, settings.telegram_api_url, settings.bot_token.reveal())
        async for finding in outside.telegram(settings, api, running=running, listens_s=listens_s):
            yield finding
    finally:
        await transport.shutdown()


async def _of_vendors(settings: Settings, clock: Clock) -> AsyncIterator[Finding]:
    async def nonce(_key_id: str) -> int:
        # As the desk counts them: larger than any before, smaller than its next.
        return int(clock.now().timestamp() * 1_000_000)

    found = vendors(settings, clock, nonce)
    try:
        async for finding in outside.vendors(found):
            yield finding
    finally:
        await found.close()
