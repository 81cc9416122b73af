"""What states issue: worth about the same from day to day, and in no list of coins."""

import math
from decimal import Decimal

_USD = {"USD": Decimal(1), "EUR": Decimal("1.0850")}
_SWING, _PERIOD_S = 0.004, 5 * 86_400


def usd(asset: str, at: int) -> Decimal | None:
    """US dollars for one at unix second `at`, a pure function of both; None for what is no state's money."""
    middle = _USD.get(asset)
    if middle is None or asset == "USD":
        return middle
    return middle * Decimal(f"{1 + _SWING * math.sin(math.tau * at / _PERIOD_S):.6f}")
