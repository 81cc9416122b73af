"""From the start of the process to the line that says it is ready, on a new database and with Telegram at hand."""

import time
from collections.abc import Iterator
from statistics import median

from tests.bench import stage
from tests.bench.report import Figure

ROUNDS = 5
MOST_S = 1.5


def measure() -> Iterator[Figure]:
    with stage.telegram() as telegram, stage.coincodex() as coincodex:
        took = []
        for _ in range(ROUNDS):
            token = telegram.add_bot()
            began = time.perf_counter()
            with stage.desk(token, telegram.url, coincodex) as desk:
                took.append((time.perf_counter() - began, stage.cpu_s(desk)))
    wall, cpu = (median(each) for each in zip(*took, strict=True))
    yield Figure("start to ready", f"{wall:.2f} s ({cpu:.2f} s CPU)", f"<= {MOST_S} s", wall <= MOST_S)
