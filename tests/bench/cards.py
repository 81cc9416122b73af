"""Price cards through everything, beside bare echo bots on the same server."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from statistics import median

import httpx
import psutil

from tests.bench import stage
from tests.bench.report import Figure

ROUNDS = 5
UPDATES = 2_500
PEOPLE = 500
KNOWN, UNKNOWN = 450, 50
FIRST_PERSON = 2_000_000
WITHIN_S = 120

Start = Callable[[stage.Telegram, str, str], AbstractContextManager[psutil.Process]]


@dataclass(frozen=True, slots=True)
class Run:
    per_s: float
    cpu_us: float


@contextmanager
def _ours(telegram: stage.Telegram, token: str, coincodex: str) -> Iterator[psutil.Process]:
    with stage.desk(token, telegram.url, coincodex) as process:
        yield process


def _peer(module: str, *more: str) -> Start:
    @contextmanager
    def start(telegram: stage.Telegram, token: str, coincodex: str) -> Iterator[psutil.Process]:  # noqa: ARG001
        with stage.process("-m", f"tests.bench.peers.{module}", telegram.url, token, *more) as running:
            yield psutil.Process(running.pid)

    return start


OURS, PTB = "ours", "python-telegram-bot"
SERIAL, TASKS = "aiogram, one by one", "aiogram, tasks"
BOTS: dict[str, Start] = {
    OURS: _ours,
    PTB: _peer("ptb"),
    SERIAL: _peer("aiogram_echo", "serial"),
    TASKS: _peer("aiogram_echo", "tasks"),
}


def measure() -> Iterator[Figure]:
    at_once = _rounds(0, [OURS, PTB, SERIAL, TASKS])
    best = max((SERIAL, TASKS), key=lambda name: _rate(at_once[name]))
    yield _figure("cards a second", at_once, PTB, 2.0)
    yield _figure("cards a second", at_once, best, 1.0)
    yield _figure("cards a second, server 50 ms away", _rounds(50, [OURS, TASKS]), TASKS, 1.3)


def _figure(what: str, runs: dict[str, list[Run]], peer: str, goal: float) -> Figure:
    """The ratio is the median of each round's own: what slows the machine slows both runs of a round."""
    ratio = median(ours.per_s / theirs.per_s for ours, theirs in zip(runs[OURS], runs[peer], strict=True))
    theirs = f"{peer}: {_told(runs[peer])}"
    return Figure(what, _told(runs[OURS]), f">= {goal:g} x", ratio >= goal, theirs, f"{ratio:.2f} x")


def _told(runs: list[Run]) -> str:
    return f"{_rate(runs):,.0f}/s, {median(run.cpu_us for run in runs):,.0f} µs CPU each"


def _rate(runs: list[Run]) -> float:
    return median(run.per_s for run in runs)


def _rounds(delay_ms: int, names: Sequence[str]) -> dict[str, list[Run]]:
    runs: dict[str, list[Run]] = {name: [] for name in names}
    with stage.telegram(delay_ms) as telegram, stage.coincodex() as coincodex:
        people = telegram.add_people(PEOPLE, ["en", "zh"], FIRST_PERSON)
        texts = questions(coincodex)
        for _ in range(ROUNDS):  # in turn, so that what else the machine does falls on all alike
            for name in names:
                runs[name].append(_run(BOTS[name], telegram, coincodex, people, texts))
    return runs


def _run(start: Start, telegram: stage.Telegram, coincodex: str, people: Sequence[int], texts: Sequence[str]) -> Run:
    token = telegram.add_bot()
    with start(telegram, token, coincodex) as process:
        telegram.until_polling(token)
        for _ in range(2):  # the first fills caches and opens connections; what it made slow ends beside the second
            _answered(telegram, token, len(texts), people, texts)
            telegram.until_quiet()
        cpu_before, edits = stage.cpu_s(process), telegram.calls("editMessageText")
        seconds = _answered(telegram, token, UPDATES, people, texts)
        if telegram.calls("editMessageText") != edits:
            raise stage.TooSlow("some answers were only words that it takes long: what was counted is no rate of cards")
        return Run(UPDATES / seconds, (stage.cpu_s(process) - cpu_before) * 1e6 / UPDATES)


def _answered(telegram: stage.Telegram, token: str, count: int, people: Sequence[int], texts: Sequence[str]) -> float:
    """Seconds from the last question put in to the last answer."""
    before = telegram.calls("sendMessage")
    telegram.inject(token, count, people, texts)
    began = time.perf_counter()
    telegram.until_called("sendMessage", before + count, WITHIN_S)
    return time.perf_counter() - began


def questions(coincodex: str) -> list[str]:
    """The largest coins by their tickers, and words that no coin has, mixed."""
    url = f"{coincodex}/apps/coincodex/cache/all_coins.json"
    listed = httpx.get(url, headers={"User-Agent": "bench"}, timeout=30).raise_for_status().json()
    tickers = dict.fromkeys(coin["symbol"] for coin in listed if str(coin["symbol"]).isalnum())
    words = [*list(tickers)[:KNOWN], *(f"NOSUCH{n}" for n in range(UNKNOWN))]
    random.Random(1).shuffle(words)  # noqa: S311  # an order, not a secret
    return [f"/price {word}" for word in words]
