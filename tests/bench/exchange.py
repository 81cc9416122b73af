"""Exchanges: what the first call costs (the library comes in with it), how long the loop is held, what it weighs."""

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from statistics import median

import psutil

from tests.bench import listings, stage
from tests.bench.cards import FIRST_PERSON
from tests.bench.report import Figure, at_most
from tests.providers.exchanges.cases import CASES

ROUNDS = 3
FIRST_MOST_S = 1.0
HELD_MOST_MS = 50
MOST_MIB = 240
PATIENCE_S = 60
QUIET_S = 2.0
FIRST, AGAIN = "/ticker BTC/USDT on binance", "/ticker ETH/USDT on binance"
ALL_FOUR = [
    f"/{command.format(case.symbol)} on {case.name}"
    for case in CASES
    for command in ("ticker {}", "trades {}", "depth {}", "candles {} 1h")
]


@contextmanager
def venue(*module: str) -> Iterator[str]:
    """A stand-in as a process of its own: its URL."""
    with stage.process("-m", *module) as running:
        yield str(json.loads(stage.said(running, "url"))["url"])


def measure() -> Iterator[Figure]:
    with (
        stage.telegram() as telegram,
        stage.coincodex() as coincodex,
        venue("bot.sandbox.exchange", "binance") as binance,
    ):
        people = telegram.add_people(1, ["en"], FIRST_PERSON)
        places = {"EXCHANGES": "binance", "BINANCE_URL": binance}
        firsts = []
        for _ in range(ROUNDS):
            with _desk(telegram, coincodex, places) as (token, desk):
                firsts.append(_first(telegram, token, people, desk))
        added, cpu, held, computed = (median(each) for each in zip(*firsts, strict=True))
        what = "first call of an exchange, beyond the next one"
        yield Figure(what, f"{added:.2f} s ({cpu:.2f} s CPU)", f"<= {FIRST_MOST_S:g} s", added <= FIRST_MOST_S)
        figure = f"{held:.0f} ms (computing {computed:.0f} ms)"
        yield Figure(
            "loop held at most: first call of an exchange", figure, f"<= {HELD_MOST_MS} ms", held <= HELD_MOST_MS
        )
        yield _weight(telegram, coincodex, people)


def _weight(telegram: stage.Telegram, coincodex: str, people: list[int]) -> Figure:
    with ExitStack() as vendors:
        urls = {name: vendors.enter_context(venue("tests.bench.listings", name)) for name in listings.LISTS}
        places = {f"{name.upper()}_URL": url for name, url in urls.items()} | {"EXCHANGES": ",".join(urls)}
        with _desk(telegram, coincodex, places) as (token, desk):
            for line in ALL_FOUR:
                _took(telegram, token, people, line)
            return at_most(f"memory with all four in use, {listings.PAIRS:,} pairs", _mib(desk), MOST_MIB, "MiB")


def _first(
    telegram: stage.Telegram, token: str, people: list[int], desk: subprocess.Popen[str]
) -> tuple[float, float, float, float]:
    """Seconds and CPU seconds that the first call takes more than the next, and for how long it held the loop."""
    running = psutil.Process(desk.pid)
    telegram.until_quiet(QUIET_S)
    _held(desk)
    before = stage.cpu_s(running)
    first = _took(telegram, token, people, FIRST)
    cpu = stage.cpu_s(running) - before
    held, computed = _held(desk)
    again = median(_took(telegram, token, people, AGAIN) for _ in range(ROUNDS))
    return first - again, cpu, held, computed


@contextmanager
def _desk(
    telegram: stage.Telegram, coincodex: str, places: dict[str, str]
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    token = telegram.add_bot()
    settings = stage.settings(token, telegram.url, coincodex) | places
    with stage.process("-m", "tests.bench.house", **settings) as desk:
        stage.said(desk, "ready")
        yield token, desk


def _took(telegram: stage.Telegram, token: str, people: list[int], line: str) -> float:
    """Seconds from a question to its answer."""
    before, began = telegram.answers(), time.perf_counter()
    telegram.inject(token, 1, people, [line])
    stage.until(lambda: telegram.answers() > before, PATIENCE_S, f"no answer to {line}", every_s=0.002)
    took = time.perf_counter() - began
    telegram.until_quiet()
    return took


def _held(desk: subprocess.Popen[str]) -> tuple[float, float]:
    desk.send_signal(signal.SIGUSR2)
    told = json.loads(stage.said(desk, "held_ms"))
    return told["held_ms"], told["computed_ms"]


def _mib(desk: subprocess.Popen[str]) -> float:
    return float(psutil.Process(desk.pid).memory_info().rss) / 2**20
