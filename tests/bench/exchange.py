"""Exchanges: what the first call costs (the library comes in with it), how long the loop is held, what it weighs."""

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

import psutil

from tests.bench import stage
from tests.bench.cards import FIRST_PERSON
from tests.bench.report import Figure, at_most

ROUNDS = 3
FIRST_MOST_S = 1.0
HELD_MOST_MS = 50
MOST_MIB = 240
PATIENCE_S = 60
QUIET_S = 2.0
FIRST, AGAIN = "/ticker BTC/USDT on binance", "/ticker ETH/USDT on binance"
MIXED = [
    f"/{command} on {venue}"
    for venue in ("binance", "bitfinex")
    for command in (
        "ticker BTC/USDT",
        "ticker ETH/USDT SOL/USDT",
        "trades BTC/USDT",
        "depth ETH/USDT",
        "candles BTC/USDT 1h",
    )
]


@contextmanager
def venue(name: str, *switches: str) -> Iterator[str]:
    """A stand-in as a process of its own: its URL."""
    with stage.process("-m", "bot.sandbox.exchange", name, *switches) as running:
        yield str(json.loads(stage.said(running, "url"))["url"])


def measure() -> Iterator[Figure]:
    with (
        stage.telegram() as telegram,
        stage.coincodex() as coincodex,
        venue("binance") as one,
        venue("bitfinex") as two,
    ):
        people = telegram.add_people(1, ["en"], FIRST_PERSON)
        places = {"EXCHANGES": "binance,bitfinex", "BINANCE_URL": one, "BITFINEX_URL": two}
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
        with _desk(telegram, coincodex, places) as (token, desk):
            for line in MIXED:
                _took(telegram, token, people, line)
            yield at_most("memory with two exchanges in use", _mib(desk), MOST_MIB, "MiB")


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
