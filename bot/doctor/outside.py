"""What lies outside: the proxy, the clock, Telegram and who else uses the token, and each vendor that is on."""

import asyncio
import os
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import aiohttp

from bot.doctor.findings import Finding, fault, fine, note
from bot.domain.assets import Symbol
from bot.domain.errors import BotError
from bot.domain.ports import Clock
from bot.providers.tally import Tally
from bot.settings import Settings
from bot.telegram.api import BotApi, Refusal, Unanswered
from bot.vendors import Vendors

PATIENCE_S = 20.0
PROBE_S = 5.0
LISTENS_S = 4
"""Another poller asks again at once, and takes over: so long a poll is surely cut off by it."""
MOST_SKEW_S = 5.0
_WORDS = {
    "unreached": "is not reached: is its name known here, is it let through by a firewall, is the proxy right?",
    "limited": "asks to wait: this address has called it too often",
    "failed": "answers that it is out of order",
    "refused": "refuses what is asked: is the address right, and is it served in this country?",
}


async def proxy(settings: Settings) -> Finding | None:
    if not (address := settings.proxy_url.reveal()):
        return None
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme, 1080)
    if why := await _unreached(host, port):
        return fault("proxy", f"PROXY_URL: {host}:{port} is not reached: {why}")
    return fine("proxy", f"{host}:{port} answers; it is used for {', '.join(settings.proxy_for)}")


async def _unreached(host: str, port: int) -> str:
    """Why, in words; empty where a connection comes about."""
    try:
        async with asyncio.timeout(PROBE_S):
            _, writer = await asyncio.open_connection(host, port)
    except TimeoutError:
        return f"no answer within {PROBE_S:.0f} s (a firewall?)"
    except socket.gaierror:
        return "its name is not known here (DNS)"
    except ConnectionRefusedError:
        return "the connection is refused: nobody listens there"
    except OSError as error:
        return os.strerror(error.errno) if error.errno else type(error).__name__
    writer.close()
    return ""


async def clock(settings: Settings, here: Clock) -> Finding:
    """By the date in what others answer. Exchanges refuse what is signed at a wrong time."""
    for url in (settings.telegram_api_url, settings.coincodex_url):
        try:
            there = await _date(url, settings.proxy("telegram" if url == settings.telegram_api_url else "coincodex"))
        except (aiohttp.ClientError, OSError, ValueError, TimeoutError):
            continue
        off_s = here.now().timestamp() - there
        if abs(off_s) > MOST_SKEW_S:
            word = "ahead" if off_s > 0 else "behind"
            return fault("clock", f"this machine is {abs(off_s):.0f} s {word}: timedatectl set-ntp true")
        return fine("clock", "right to within a few seconds")
    return note("clock", "nobody answered who could tell the time")


async def _date(url: str, proxy: str | None) -> float:
    timeout = aiohttp.ClientTimeout(total=PROBE_S)
    async with (
        aiohttp.ClientSession(connector=_connector(proxy), timeout=timeout, trust_env=False) as session,
        session.head(url + "/", allow_redirects=False) as answer,
    ):
        return parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()


def _connector(proxy: str | None) -> aiohttp.BaseConnector:
    if not proxy:
        return aiohttp.TCPConnector()
    from aiohttp_socks import ProxyConnector  # noqa: PLC0415  # only who has a proxy pays for it

    return ProxyConnector.from_url(proxy.replace("socks5h://", "socks5://"), rdns=True)


async def telegram(settings: Settings, api: BotApi, *, running: bool, listens_s: int) -> AsyncIterator[Finding]:
    """Whether the token is known; then who else uses it, and whom the desk cannot write to."""
    try:
        me = await api.call("getMe", {}, PROBE_S)
    except Refusal as refusal:
        yield _refused(refusal)
        return
    except Unanswered:
        yield fault("telegram", f"{settings.telegram_api_url} is not reached: {await _cause(settings)}")
        return
    yield fine("telegram", f"the token is @{me.get('username', '?')}'s")
    try:
        yield await _webhook(settings, api)
        if settings.updates == "polling":
            yield await _other_poller(api, listens_s, running=running)
        async for finding in _admins(settings, api):
            yield finding
    except (Refusal, Unanswered) as error:
        yield fault("telegram", f"it stopped answering in between ({type(error).__name__}); ask again")


def _refused(refusal: Refusal) -> Finding:
    if refusal.code in {401, 404}:
        return fault("telegram", "BOT_TOKEN: Telegram does not know it; @BotFather shows the right one (/mybots)")
    return fault("telegram", f"refuses getMe with {refusal.code}")


async def _cause(settings: Settings) -> str:
    if settings.proxy("telegram"):
        return "through the proxy; without it the cause cannot be told"
    parts = urlsplit(settings.telegram_api_url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if why := await _unreached(parts.hostname or "", port):
        return why
    try:
        async with asyncio.timeout(PROBE_S):
            await asyncio.open_connection(parts.hostname, port, ssl=parts.scheme == "https" or None)
    except ssl.SSLError as error:
        return f"its certificate is not trusted here ({error.reason})"
    except (OSError, TimeoutError) as error:
        return type(error).__name__
    return "it answers, but not as Telegram does"


async def _webhook(settings: Settings, api: BotApi) -> Finding:
    info = await api.call("getWebhookInfo", {}, PROBE_S)
    url, waiting = str(info.get("url", "")), info.get("pending_update_count", 0)
    if settings.updates == "polling":
        if url:
            return note("webhook", "one is left set, which stops the long poll: the desk removes it by itself")
        return fine("webhook", f"none is set; {waiting} updates wait")
    if not url.startswith(settings.public_url):
        return note("webhook", "it is set to another address, or to none: the desk sets it at its start")
    if trouble := info.get("last_error_message"):
        return fault("webhook", f"Telegram could not deliver: {trouble}; {waiting} updates wait")
    return fine("webhook", f"set; {waiting} updates wait")


async def _other_poller(api: BotApi, listens_s: int, *, running: bool) -> Finding:
    """Asks once, for long enough to be cut off, and confirms nothing. Not beside our own desk: it would be cut off."""
    if running:
        return note("poller", "not looked for while the desk runs; changedesk health tells of a conflict")
    for _ in range(2):
        try:
            if await api.call("getUpdates", {"timeout": listens_s, "limit": 1}, listens_s + PROBE_S):
                return note("poller", "updates wait, so another one cannot be told; start the desk and see its log")
        except Refusal as refusal:
            if refusal.code == 409 and refusal.says("webhook"):
                return note("poller", "not looked for: a webhook is set")
            if refusal.code == 409:
                return fault("poller", "another process asks for updates with this token: stop it, or get a new token")
            raise
    return fine("poller", "nobody else asks for updates with this token")


async def _admins(settings: Settings, api: BotApi) -> AsyncIterator[Finding]:
    if not settings.admin_ids:
        yield note("admins", "ADMIN_IDS is empty: nobody hears of faults, and nobody can let people in")
    for admin in sorted(settings.admin_ids):
        try:
            await api.call("getChat", {"chat_id": admin}, PROBE_S)
        except Refusal:
            yield fault("admins", f"{admin} cannot be written to: he must open the bot and press Start once")


async def vendors(found: Vendors) -> AsyncIterator[Finding]:
    """Each is asked as the desk would ask it, all at once."""
    asks: dict[str, Callable[[], Awaitable[object]]] = {
        "coincodex": lambda: found.source.quotes([Symbol("BTC")]),
        **{name: exchange.markets for name, exchange in found.exchanges.items()},
    }
    if found.swaps:
        asks["changelly"] = found.swaps.coins
    for finding in await asyncio.gather(*(_asked(found.tallies[name], ask) for name, ask in asks.items())):
        yield finding


async def _asked(tally: Tally, ask: Callable[[], Awaitable[object]]) -> Finding:
    try:
        async with asyncio.timeout(PATIENCE_S):
            answer = await ask()
    except (BotError, TimeoutError):
        trouble = tally.state().trouble
        return fault("vendor", f"{tally.name} {_WORDS.get(trouble, 'does not answer with data that can be used')}")
    return fine("vendor", f"{tally.name} answers") if answer else fault("vendor", f"{tally.name} has no data")
