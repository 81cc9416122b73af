"""What a supervisor is told where one asks for it (systemd's Type=notify): that the desk is ready, and lives."""

import asyncio
import socket

import structlog

log = structlog.get_logger(__name__)

ALIVE_EVERY_S = 15.0
"""Several times within WatchdogSec=60: who is late once is not dead."""


class Supervisor:
    """`address`: of its socket, as NOTIFY_SOCKET has it; empty: nobody asks."""

    def __init__(self, address: str) -> None:
        self._address = address

    async def watch(self) -> None:
        """For ever: says that the event loop turns. A loop that stands still says nothing, and is started anew."""
        while self._address:
            self.tell("WATCHDOG=1")
            await asyncio.sleep(ALIVE_EVERY_S)

    def tell(self, word: str) -> None:
        """READY=1, WATCHDOG=1 or STOPPING=1. Nobody's hearing it is no fault of ours."""
        if not self._address:
            return
        # An @ stands for the zero byte that begins an abstract name.
        name = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
                line.connect(name)
                line.sendall(word.encode())
        except OSError as error:
            log.warning("supervisor.deaf", reason=type(error).__name__)
