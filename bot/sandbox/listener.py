"""How a stand-in listens: on loopback, until it is stopped."""

from aiohttp import web

STOP_TIMEOUT_S = 0.5


class Listener:
    def __init__(self) -> None:
        self._runner: web.AppRunner | None = None

    async def start(self, app: web.Application, host: str, port: int) -> str:
        """Listens, and tells the root URL; port 0 takes a free one."""
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_TIMEOUT_S)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        return f"http://{host}:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Drops what is open. Idempotent."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
