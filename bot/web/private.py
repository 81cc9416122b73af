"""The private side: is it alive, is it ready, what are its figures. No user's name, id or message is in any of it."""

from collections.abc import Callable, Mapping, Sequence

from aiohttp import web

from bot.domain.errors import Unavailable
from storage.store import Store

Fault = Callable[[], str]
Figures = Callable[[], Mapping[str, float]]


class Health:
    """What each part says of itself. A fault is a short sentence, empty where all is well; a figure has a name."""

    def __init__(self, store: Store, faults: Sequence[Fault], figures: Sequence[Figures]) -> None:
        self._store = store
        self._faults = faults
        self._figures = figures

    async def faults(self) -> list[str]:
        """What keeps the desk from serving. Empty: ready."""
        found = [fault() for fault in self._faults]
        try:
            await self._store.write(lambda _: None)
        except Unavailable:
            found.append("storage: the database takes no writes")
        return [fault for fault in found if fault]

    async def figures(self) -> dict[str, float]:
        waiting, unsent = await self._store.read(lambda tx: (tx.inbox.count_waiting(), tx.outbox.count_waiting()))
        values: dict[str, float] = {"inbox_waiting": waiting, "outbox_waiting": unsent}
        for part in self._figures:
            values |= part()
        return values


def application(health: Health) -> web.Application:
    app = web.Application()

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def readyz(_: web.Request) -> web.Response:
        found = await health.faults()
        return web.json_response({"ready": not found, "faults": found}, status=503 if found else 200)

    async def metrics(_: web.Request) -> web.Response:
        lines = [f"changedesk_{name} {value:g}\n" for name, value in (await health.figures()).items()]
        return web.Response(text="".join(lines), content_type="text/plain")

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics)
    return app
