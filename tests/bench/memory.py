"""What the desk's process holds after some thousand mixed requests, pictures and tables among them."""

import random
from collections.abc import Iterator, Sequence

import psutil

from tests.bench import stage
from tests.bench.cards import FIRST_PERSON, questions
from tests.bench.report import Figure

PEOPLE = 600
ROUNDS = 4
PATIENCE_S = 120
MOST_MIB = 130
QUIET_S = 2.0


def measure() -> Iterator[Figure]:
    with stage.telegram() as telegram, stage.coincodex() as coincodex:
        token, people = telegram.add_bot(), telegram.add_people(PEOPLE, ["en", "zh"], FIRST_PERSON)
        lines = _mixed(questions(coincodex))
        with stage.desk(token, telegram.url, coincodex) as desk:
            began = _mib(desk)
            for _ in range(ROUNDS):
                before = telegram.answers()
                telegram.inject(token, len(lines), people, lines)
                telegram.until_answered(before + len(lines), PATIENCE_S)
                telegram.until_quiet(QUIET_S)
            figure = f"{_mib(desk):.0f} MiB (at the start {began:.0f}; chart worker {_workers(desk)})"
            what = f"memory after {ROUNDS * len(lines):,} requests with pictures and tables"
            yield Figure(what, figure, f"<= {MOST_MIB} MiB", _mib(desk) <= MOST_MIB)


def _mixed(prices: Sequence[str]) -> list[str]:
    coins = [line.split()[1] for line in prices if "NOSUCH" not in line]
    lines = [
        *prices,
        *(f"/chart {coin} {period}" for coin in coins[:15] for period in ("1d", "30d", "1y")),
        *(f"/cap {coin}" for coin in coins[:30]),
        *(f"/cap top 25 {page}" for page in range(1, 11)),
        *(f"/export {','.join(coins[start : start + 10])} 1y" for start in range(0, 100, 10)),
    ]
    random.Random(1).shuffle(lines)  # noqa: S311  # an order, not a secret
    return lines


def _mib(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / 2**20


def _workers(desk: psutil.Process) -> str:
    return ", ".join(f"{_mib(child):.0f} MiB" for child in desk.children()) or "none"
