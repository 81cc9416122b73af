"""The public side: the webhook, which answers 200 only once the update is stored; and pages beside it."""

import hmac
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

import orjson
from aiohttp import web

from bot.domain.errors import Unavailable

PATH = "/telegram"
MOST_BYTES = 1024 * 1024

Accept = Callable[[Sequence[dict[str, Any]]], Awaitable[None]]


def application(pages: Iterable[web.RouteDef], accept: Accept | None = None, secret: str = "") -> web.Application:
    """`accept` stores an update, None where none comes this way; `secret` is what Telegram shows with each call."""
    app = web.Application(client_max_size=MOST_BYTES)
    app.add_routes(pages)
    if accept:
        app.router.add_post(PATH, _webhook(accept, secret))
    return app


def _webhook(accept: Accept, secret: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def receive(request: web.Request) -> web.Response:
        shown = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not hmac.compare_digest(shown.encode(), secret.encode()):
            return web.Response(status=403)
        try:
            update = orjson.loads(await request.read())
        except orjson.JSONDecodeError:
            return web.Response(status=400)
        if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
            return web.Response(status=400)
        try:
            await accept([update])
        except Unavailable:
            return web.Response(status=503, headers={"Retry-After": "5"})  # Telegram keeps it and tries again
        return web.Response()

    return receive
