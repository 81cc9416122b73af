"""Seeded noise over time that needs no history: a sum of waves on every scale from seconds to years."""

import math
import random
from functools import lru_cache
from typing import NamedTuple

YEAR_S = 365 * 86_400
LONGEST_S = 3.1 * YEAR_S
SHORTEST_S = 15.0
# Makes the change over a day come out as the yearly volatility promises; found by measuring.
GAIN = 0.3


class Wave(NamedTuple):
    amplitude: float
    speed: float
    phase: float


@lru_cache(maxsize=16_384)
def waves(seed: str, volatility: float) -> tuple[Wave, ...]:
    """Random-phase waves of falling period; amplitude goes with the root of the period, as in a random walk."""
    rng = random.Random(seed)
    made = []
    period = LONGEST_S * rng.uniform(0.7, 1.0)
    while period > SHORTEST_S:
        amplitude = GAIN * volatility * math.sqrt(period / YEAR_S) * rng.uniform(0.7, 1.3)
        made.append(Wave(amplitude, math.tau / period, rng.uniform(0, math.tau)))
        period /= rng.uniform(2.2, 3.2)
    return tuple(made)


def ripple(shape: tuple[Wave, ...], at: int) -> float:
    """The sum of the waves at unix second `at`: a logarithm of the price, up to a constant."""
    total = 0.0
    for amplitude, speed, phase in shape:
        total += amplitude * math.sin(speed * at + phase)
    return total


@lru_cache(maxsize=8192)
def shared_ripple(seed: str, volatility: float, at: int) -> float:
    """The same, remembered: what hundreds of assets ask for the same moment."""
    return ripple(waves(seed, volatility), at)
