"""Starting and stopping an aiohttp application on an address."""

from aiohttp import web

from bot.settings import Endpoint


class Server:
    def __init__(self, application: web.Application, address: Endpoint) -> None:
        self._runner = web.AppRunner(application, access_log=None, handle_signals=False, shutdown_timeout=5)
        self._address = address

    async def start(self) -> int:
        """The port it listens on: the one asked for, or with 0 a free one. Raises OSError where it is taken."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._address.host, self._address.port)
        await site.start()
        port: int = self._runner.addresses[0][1]
        return port

    async def stop(self) -> None:
        await self._runner.cleanup()
