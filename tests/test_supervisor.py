"""A supervisor hears that the desk is ready, that it lives, and that it stops; nobody's hearing is no fault."""

import asyncio
import socket
from pathlib import Path

import pytest

from bot.supervisor import Supervisor
from tests.desk import Desk, World, eventually


class Ear:
    """What systemd listens with."""

    def __init__(self, address: str) -> None:
        self.heard: list[str] = []
        self.line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.line.bind("\0" + address[1:] if address.startswith("@") else address)
        self.line.settimeout(0)

    def listen(self) -> list[str]:
        while True:
            try:
                self.heard.append(self.line.recv(100).decode())
            except BlockingIOError:
                return self.heard


@pytest.fixture(params=["file", "abstract"])
def address(request, tmp_path: Path) -> str:
    return str(tmp_path / "notify") if request.param == "file" else f"@changedesk-{tmp_path.name}-{id(request)}"


async def test_it_hears_that_the_desk_is_ready_lives_and_stops(address: str, make_desk, world: World):
    ear = Ear(address)
    world.telegram.down()  # no reason to call the start a failure
    desk: Desk = make_desk(NOTIFY_SOCKET=address)
    await desk.start()
    await eventually(lambda: "WATCHDOG=1" in ear.listen())
    assert ear.heard[0] == "READY=1"
    await desk.stop()
    assert ear.listen()[-1] == "STOPPING=1"
    ear.line.close()


async def test_where_nobody_asks_nothing_is_said_and_where_nobody_hears_nothing_breaks(tmp_path: Path):
    await asyncio.wait_for(Supervisor("").watch(), 30)
    Supervisor(str(tmp_path / "nobody")).tell("READY=1")
