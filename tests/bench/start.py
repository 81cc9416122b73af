"""From the start of the process to the line that says it is ready, and to the end of one whose key is another's."""

import base64
import tempfile
import time
from collections.abc import Iterator
from statistics import median

from tests.bench import stage
from tests.bench.report import Figure

ROUNDS = 5
MOST_S = 1.5
REFUSED = 78
REFUSED_MOST_S = 2


def measure() -> Iterator[Figure]:
    with stage.telegram() as telegram, stage.coincodex() as coincodex:
        took = []
        for _ in range(ROUNDS):
            token = telegram.add_bot()
            began = time.perf_counter()
            with stage.desk(token, telegram.url, coincodex) as desk:
                took.append((time.perf_counter() - began, stage.cpu_s(desk)))
        refused = _refused(telegram, coincodex)
    wall, cpu = (median(each) for each in zip(*took, strict=True))
    yield Figure("start to ready", f"{wall:.2f} s ({cpu:.2f} s CPU)", f"<= {MOST_S} s", wall <= MOST_S)
    yield Figure(
        "start with a wrong key to exit 78", f"{refused:.2f} s", f"< {REFUSED_MOST_S} s", refused < REFUSED_MOST_S
    )


def _refused(telegram: stage.Telegram, coincodex: str) -> float:
    token = telegram.add_bot()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        given = stage.settings(token, telegram.url, coincodex) | {"DATABASE_URL": f"sqlite:///{folder}/desk.db"}
        with stage.process("-m", "bot", "run", **given, VAULT_KEY=_key(b"k")) as desk:
            stage.said(desk, "ready")
        took = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            with stage.process("-m", "bot", "run", **given, VAULT_KEY=_key(b"w")) as desk:
                code = desk.wait(stage.READY_WITHIN_S)
                took.append(time.perf_counter() - began)
            if code != REFUSED:
                raise stage.TooSlow(f"a wrong key ended it with {code}")
    return median(took)


def _key(byte: bytes) -> str:
    return base64.b64encode(byte * 32).decode()
