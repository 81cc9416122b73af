"""`python -m tests.bench [part …]`: all figures, or those of some parts."""

import argparse
import platform
import sqlite3
import sys
import time
from importlib import import_module
from importlib.metadata import version

import psutil

from tests.bench.report import show

PARTS = (
    "cards",
    "upstream",
    "latency",
    "loop",
    "bodies",
    "charts",
    "rotation",
    "exchange",
    "orders",
    "watch",
    "swaps",
    "alerts",
    "broadcast",
    "backup",
    "memory",
    "start",
)
LIBRARIES = ("python-telegram-bot", "aiogram", "aiohttp", "sqlite-utils", "cryptography", "orjson")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", help=", ".join(PARTS))
    chosen = parser.parse_args().parts or PARTS
    if unknown := set(chosen) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    began, figures = time.perf_counter(), []
    for part in chosen:
        sys.stderr.write(f"{part} …\n")
        for figure in import_module(f"tests.bench.{part}").measure():
            sys.stderr.write(f"  {figure.what}: {figure.ours} {figure.ratio}\n")
            figures.append(figure)
    sys.stdout.write(_machine())
    show(figures)
    sys.stdout.write(f"{time.perf_counter() - began:.0f} s in all\n")


def _machine() -> str:
    memory = psutil.virtual_memory().total / 2**30
    load = psutil.getloadavg()[0]
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"{psutil.cpu_count()} cores ({platform.machine()}), {memory:.0f} GiB, load {load:.1f}; "
        f"{platform.system()} {platform.release()}\n"
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {libraries}\n"
    )


if __name__ == "__main__":
    main()
