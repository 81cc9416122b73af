"""Series to draw and to tabulate: made, not recorded, so that every case can be had."""

import math
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.domain.assets import Symbol
from bot.domain.prices import Field, Period, Point, Series

START = datetime(2026, 3, 2, tzinfo=UTC)
FETCHED = datetime(2026, 11, 21, 10, 41, tzinfo=UTC)


def series(points, *, symbol="BTC", period=Period.WEEK, field=Field.PRICE, source="CoinCodex", fetched_at=FETCHED):
    return Series(Symbol(symbol), period, field, tuple(points), fetched_at, source)


def at(values, *, step_s=3600, start=START):
    """Points at regular times; None is a gap; text becomes a Decimal."""
    return [
        Point(start + timedelta(seconds=step_s * n), None if value is None else Decimal(value))
        for n, value in enumerate(values)
    ]


def walk(count, *, first=67000.0, step_s=2016, seed=1, **known):
    """A price that wanders as prices do."""
    chance, value, values = random.Random(seed), first, []  # noqa: S311  a price, not a secret
    for _ in range(count):
        value *= math.exp(chance.gauss(0, 0.004))
        values.append(f"{value:.10f}")
    return series(at(values, step_s=step_s), **known)
