"""The longest time for which the event loop of the desk was held, doing one kind of work after the other."""

import json
import signal
import subprocess
from collections.abc import Iterator, Sequence

from tests.bench import stage
from tests.bench.cards import FIRST_PERSON, questions
from tests.bench.report import Figure

MOST_MS = 50
PEOPLE = 60
PATIENCE_S = 120
QUIET_S = 2.0
WIDE = "BTC,ETH,SOL,XRP,ADA,DOGE,DOT,LTC,LINK,AVAX"


def measure() -> Iterator[Figure]:
    with stage.telegram() as telegram, stage.coincodex() as coincodex:
        token, people = telegram.add_bot(), telegram.add_people(PEOPLE, ["en", "zh"], FIRST_PERSON)
        known = [line.split()[1] for line in questions(coincodex) if "NOSUCH" not in line]
        with stage.process("-m", "tests.bench.house", **stage.settings(token, telegram.url, coincodex)) as desk:
            stage.said(desk, "ready")
            telegram.until_quiet(QUIET_S)
            yield _held(desk, "start, first listing of 3,000 coins")
            for what, lines in _work(known):
                if "again" in what:
                    desk.send_signal(signal.SIGUSR1)
                before = telegram.answers()
                telegram.inject(token, len(lines), people, lines)
                telegram.until_answered(before + len(lines), PATIENCE_S)
                telegram.until_quiet(QUIET_S)
                yield _held(desk, what)


def _work(known: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """What is done, and the lines that ask for it."""
    yield "listing again, 60 cards meanwhile", [f"/price {coin}" for coin in known[:60]]
    yield "60 names that nobody has", [f"/price {coin}{n}" for n, coin in enumerate(known[:60])]
    yield "overview, pages and sums", ["/cap", "/cap top 25 3", f"/price {WIDE}", "/calc 1.5 btc eth"]
    periods = ("7d", "1y", "all")
    yield "30 pictures", [f"/chart {coin} {period}" for coin in known[:10] for period in periods]
    yield "10 wide tables", [f"/export {WIDE} 1y" for _ in range(10)]


def _held(desk: subprocess.Popen[str], what: str) -> Figure:
    desk.send_signal(signal.SIGUSR2)
    told = json.loads(stage.said(desk, "held_ms"))
    held, computed = told["held_ms"], told["computed_ms"]
    figure = f"{held:.0f} ms (computing {computed:.0f} ms)"
    return Figure(f"loop held at most: {what}", figure, f"<= {MOST_MS} ms", held <= MOST_MS)
