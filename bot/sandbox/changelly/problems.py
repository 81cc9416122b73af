"""What the desk says no to: the vendor's numbers and words, which a dialect may put in its own way."""

from decimal import Decimal
from typing import Any

from bot.sandbox.changelly.pricing import Limits
from bot.sandbox.coincodex.wire import plain


class Problem(Exception):
    """Answered as an error; `data` goes with it where the dialect has room for it."""

    def __init__(self, code: int, message: str, data: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


class OutOfRange(Problem):
    """Too little or too much; both limits go along, so that one question tells both."""

    def __init__(self, source: str, target: str, amount: Decimal, limits: Limits) -> None:
        low = amount < limits.least
        self.word, self.limit = ("minimal", limits.least) if low else ("maximum", limits.most)
        self.source, self.target = source, target
        super().__init__(
            -32602,
            f"Invalid amount for pair {source}->{target}. {self.word.title()} amount is {plain(self.limit)} {source}",
            {
                "limits": {
                    "max": {"from": plain(limits.most), "to": plain(limits.most_to)},
                    "min": {"from": plain(limits.least), "to": plain(limits.least_to)},
                }
            },
        )


def invalid(name: str) -> Problem:
    """Missing or wrong."""
    return Problem(-32602, f"Parameter {name} is invalid")


def unknown_coin(ticker: str) -> Problem:
    return Problem(-32602, f"Invalid currency: {ticker} not found")


def disabled(ticker: str) -> Problem:
    return Problem(-32602, f"Invalid currency: {ticker} temporary disabled")


def not_here(ticker: str, side: str) -> Problem:
    """`side`: input or output."""
    return Problem(-32602, f"Invalid currency: {ticker} is temporary disabled on API as {side} currency")


def not_fixed(ticker: str) -> Problem:
    return Problem(-32602, f"Invalid currency: {ticker} temporary disabled for fix rate transactions")


def no_liquidity(source: str, target: str, most: Decimal) -> Problem:
    return Problem(-32602, f"Not enough liquidity in pair {source}->{target}. Max amount is {plain(most)} {source}.")


def rate_limit(per_second: int) -> Problem:
    return Problem(-32600, f"Error: You reached requests limit {per_second} rps")


BAD_ADDRESS = (-32602, "Error: Invalid address")
BAD_REFUND = (-32602, "Error: Invalid refund address")
RATE_GONE = (
    -32602, "Error: rateId was expired or already used. Use method getFixRateForAmount to generate new rateId",
)  # fmt: skip
FIXED_TOO_OFTEN = (-32603, "Error: Creating fix transactions limit exceeds, wait 5 minute")
ADDRESS_TROUBLE = (-32603, "An error encountered during address generation. Please try again later.")
INTERNAL = (-32603, "Internal Error")
NO_SUCH = (-32602, "Error: Transaction not found")
