"""The private side: is it alive, is it ready, what are its figures. No user's name, id or message is in any of it."""

from aiohttp import web

from bot.services.health import DeskHealth
from bot.web.metrics import CONTENT_TYPE, page


def application(health: DeskHealth) -> web.Application:
    app = web.Application()

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def readyz(_: web.Request) -> web.Response:
        found = await health.faults()
        return web.json_response({"ready": not found, "faults": found}, status=503 if found else 200)

    async def metrics(_: web.Request) -> web.Response:
        text = page(await health.figures())
        return web.Response(body=text.encode(), headers={"Content-Type": CONTENT_TYPE})

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics)
    return app
