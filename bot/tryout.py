"""The sandbox as one command: a world of its own, a desk in it, and a plug to pull.

Two processes beside this one, so that the desk can be killed as a power cut would, and started again in the same world.
"""

import base64
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from bot.settings import TABLE

ROOT = Path(__file__).parents[1]
DARK_S = 3.0
"""From the plug to the next start: long enough to see that nobody answers."""

TOY_LIMITS = {"MOST_PER_ORDER_USD": "50000", "MOST_PER_DAY_USD": "200000", "NEW_ADDRESS_MOST_USD": "50000"}
"""Toy coins: the examples of the help, a tenth of a bitcoin among them, shall go through."""


class NoWorld(Exception):
    """The sandbox did not start; it has said why."""


def run(port: int) -> int:
    """Until SIGTERM or Ctrl-C; returns the desk's exit code. Raises NoWorld."""
    with _world(port) as (place, told), tempfile.TemporaryDirectory(prefix="changedesk-") as folder:
        print(f"\n  Open the desk in a browser:  {place['telegram']}\n", flush=True)
        return _Desk(_settings(place, folder), folder).kept(told)


class _Desk:
    """`changedesk run`, started again whenever it was killed."""

    def __init__(self, environment: Mapping[str, str], folder: str) -> None:
        self._environment = environment
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()

    def kept(self, told: IO[str]) -> int:
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._stop)
        threading.Thread(target=self._listen, args=(told,), daemon=True).start()
        while True:
            self._process = self._start()
            code = self._process.wait()
            if self._stopping.is_set() or code != -signal.SIGKILL:
                return code
            print("  The desk was killed; it starts again.", flush=True)
            if self._stopping.wait(DARK_S):
                return 0

    def _start(self) -> "subprocess.Popen[bytes]":
        # In a session of its own, so that Ctrl-C reaches it once; its input tells it when this process is gone.
        command = [sys.executable, "-m", "bot", "run", "--tied"]
        return subprocess.Popen(  # noqa: S603  # our own module
            command, stdin=subprocess.PIPE, env=self._environment, cwd=self._folder, start_new_session=True
        )

    def _listen(self, told: IO[str]) -> None:
        for line in told:
            if line.strip() == "plug" and self._process:
                self._process.kill()

    def _stop(self, _signal: int, _frame: object) -> None:
        self._stopping.set()
        if self._process:
            self._process.terminate()


@contextmanager
def _world(port: int) -> Iterator[tuple[dict[str, Any], IO[str]]]:
    """Its addresses, and what it says afterwards. It ends with its input, however this process goes."""
    command = [sys.executable, "-m", "bot.sandbox", "--tied", "--port", str(port)]
    with subprocess.Popen(  # noqa: S603  # our own module
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as world:
        if not world.stdout or not (line := world.stdout.readline()):
            raise NoWorld(f"the sandbox did not start; is port {port} in use? --port 0 takes a free one")
        try:
            yield json.loads(line), world.stdout
        finally:
            if world.stdin:
                world.stdin.close()
            world.wait()


def _settings(place: Mapping[str, Any], folder: str) -> dict[str, str]:
    """The desk does not know that it is in a sandbox: only its addresses and its token differ."""
    public = f"127.0.0.1:{_free_port()}"
    own = {setting.name for setting in TABLE} - {"LOG_LEVEL", "LOG_FORMAT", "LANGUAGE", "TIMEZONE"}
    outside = {
        name: value
        for name, value in os.environ.items()  # noqa: TID251  # passed on, not read: the child reads its settings
        if name.removesuffix("_FILE") not in own
    }
    return outside | {
        "PYTHONPATH": str(ROOT),
        "BOT_TOKEN": place["token"],
        "ADMIN_IDS": ",".join(map(str, place["admins"])),
        "TELEGRAM_API_URL": place["telegram"],
        "COINCODEX_URL": place["coincodex"],
        "EXCHANGES": "binance,bitfinex",
        "BINANCE_URL": place["binance"],
        "BITFINEX_URL": place["bitfinex"],
        **_swapping(place),
        **TOY_LIMITS,
        "PUBLIC_URL": f"http://{public}",
        "LISTEN": public,
        "DATABASE_URL": f"sqlite:///{folder}/changedesk.db",
        "VAULT_KEY_FILE": str(_key(Path(folder))),
        "METRICS_LISTEN": "127.0.0.1:0",
    }


def _swapping(place: Mapping[str, Any]) -> dict[str, str]:
    """The operator's credentials for the dialect asked for from outside, made afresh with each world."""
    dialect = os.environ.get("CHANGELLY_DIALECT") or "v2"  # noqa: TID251  # passed on, the child checks it
    login = place["swap_login"]
    # A stage takes six seconds there: looked after more often than that, each of them is told.
    own = {"CHANGELLY_URL": place["changelly"], "CHANGELLY_DIALECT": dialect, "SWAP_POLL_SECONDS": "5"}
    if dialect == "v2":
        return own | {"CHANGELLY_PRIVATE_KEY": login["private_key"]}
    return own | {"CHANGELLY_API_KEY": login["key"], "CHANGELLY_SECRET": login["secret"]}


def _key(folder: Path) -> Path:
    file = folder / "vault.key"
    file.touch(0o600)
    file.write_bytes(base64.b64encode(secrets.token_bytes(32)))
    return file


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
