"""The stage every figure is taken on: stand-ins, bots and desks, each in a process of its own, loopback only."""

import json
import selectors
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

ROOT = Path(__file__).resolve().parents[2]
ADMIN = 1003
READY_WITHIN_S = 60.0


class TooSlow(Exception):
    """Something that had to happen did not, in time."""


@contextmanager
def process(*command: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """One of our own modules as a process, in a folder of its own, with nothing of this shell's environment."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        running = subprocess.Popen(  # noqa: S603  # our own modules
            [sys.executable, *command],
            cwd=folder,
            env={"PYTHONPATH": str(ROOT), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            yield running
        finally:
            running.terminate()
            try:
                running.communicate(timeout=25)
            except subprocess.TimeoutExpired:
                running.kill()
                running.communicate()


def said(running: subprocess.Popen[str], word: str, within_s: float = READY_WITHIN_S) -> str:
    """The first line that holds `word`. Raises TooSlow with what was said instead."""
    end, lines = time.perf_counter() + within_s, []
    with selectors.DefaultSelector() as selector:
        selector.register(running.stdout, selectors.EVENT_READ)
        while time.perf_counter() < end and selector.select(max(0.0, end - time.perf_counter())):
            line = running.stdout.readline()
            if word in line:
                return line
            if not line:
                break
            lines.append(line)
    raise TooSlow(f"never said {word!r}:\n{''.join(lines[-30:])}")


def until(look: Callable[[], Any], within_s: float, what: str, every_s: float = 0.01) -> Any:
    end = time.perf_counter() + within_s
    while time.perf_counter() < end:
        if found := look():
            return found
        time.sleep(every_s)
    raise TooSlow(what)


@dataclass
class Telegram:
    """The Telegram stand-in, by its desk."""

    url: str
    http: httpx.Client
    bots: int = 0

    def add_bot(self) -> str:
        """A new bot's token: an empty queue for each run."""
        self.bots += 1
        token = f"{700_000 + self.bots}:bench-token-abcdefghijklmnopqrstuvwxyz-{self.bots}"
        self.post("bots", token=token, username=f"bench{self.bots}_bot")
        return token

    def add_people(self, count: int, languages: Sequence[str], first_id: int) -> list[int]:
        ids = range(first_id, first_id + count)
        for person in ids:
            language = languages[person % len(languages)]
            self.post("people", first_name=f"Reader {person}", id=person, language_code=language, started=True)
        return list(ids)

    def inject(self, token: str, count: int, people: Sequence[int], texts: Sequence[str]) -> None:
        bot = int(token.partition(":")[0])
        self.post("inject", count=count, people=list(people), texts=list(texts), bot=bot)

    def calls(self, method: str) -> int:
        return int(self.get("counters")["methods"].get(method, 0))

    def until_polling(self, token: str) -> None:
        username = f"bench{int(token.partition(':')[0]) - 700_000}_bot"
        until(lambda: self.get("counters")["bots"][username]["polling"], READY_WITHIN_S, f"{username} never polled")

    def until_called(self, method: str, times: int, within_s: float) -> None:
        until(lambda: self.calls(method) >= times, within_s, f"{method} was not called {times} times", every_s=0.02)

    def answers(self) -> int:
        """New messages. An answer that takes long counts from the word that it does: `until_quiet` waits for it."""
        methods = self.get("counters")["methods"]
        return sum(methods.get(method, 0) for method in ("sendMessage", "sendPhoto", "sendDocument"))

    def until_answered(self, answers: int, within_s: float) -> None:
        until(lambda: self.answers() >= answers, within_s, f"there were no {answers} answers", every_s=0.02)

    def until_quiet(self, for_s: float = 0.5) -> None:
        """No call but the parked poll for so long: whatever was on its way has arrived."""
        made, since = -1, 0.0
        while made != (now := self._calls_made()) or time.perf_counter() - since < for_s:
            if made != now:
                made, since = now, time.perf_counter()
            time.sleep(0.05)

    def _calls_made(self) -> int:
        return sum(times for method, times in self.get("counters")["methods"].items() if method != "getUpdates")

    def get(self, name: str) -> Any:
        return self.http.get(f"{self.url}/desk/api/{name}").raise_for_status().json()

    def post(self, name: str, **values: Any) -> Any:
        return self.http.post(f"{self.url}/desk/api/{name}", json=values).raise_for_status().json()


@contextmanager
def telegram(delay_ms: int = 0, *, record: bool = False) -> Iterator[Telegram]:
    switches = ["--no-rates", "--open-doors", *([] if record else ["--no-record"])]
    late = ["--delay-ms", str(delay_ms)] if delay_ms else []
    with process("-m", "bot.sandbox.telegram", *switches, *late) as running, httpx.Client(timeout=30) as http:
        yield Telegram(json.loads(said(running, "url"))["url"], http)


@contextmanager
def coincodex() -> Iterator[str]:
    with process("-m", "bot.sandbox.coincodex") as running:
        url = json.loads(said(running, "url"))["url"]
        # Its first listing takes a while to draw; what is measured is the desk.
        httpx.get(f"{url}/apps/coincodex/cache/all_coins.json", headers={"User-Agent": "bench"}, timeout=30)
        yield url


@contextmanager
def desk(token: str, telegram_url: str, coincodex_url: str, module: str = "bot") -> Iterator[psutil.Process]:
    """Our own bot, as it is run, up to the line that says it is ready."""
    with process("-m", module, "run", **settings(token, telegram_url, coincodex_url)) as running:
        said(running, "ready")
        yield psutil.Process(running.pid)


def settings(token: str, telegram_url: str, coincodex_url: str) -> dict[str, str]:
    """On a database of its own, on the disk: the process's folder is where it runs."""
    return {
        "BOT_TOKEN": token,
        "TELEGRAM_API_URL": telegram_url,
        "COINCODEX_URL": coincodex_url,
        "DATABASE_URL": "sqlite:///desk.db",
        "METRICS_LISTEN": "127.0.0.1:0",
        "ADMIN_IDS": str(ADMIN),
    }


def cpu_s(process_: psutil.Process) -> float:
    """Spent by the process and all its threads, without its children."""
    times = process_.cpu_times()
    return float(times.user + times.system)
