"""Binance's ways to say no: status, code and words."""

from collections.abc import Mapping

from bot.sandbox.exchange.orders import Refused, Why


class Refusal(Exception):
    """Answered as `{"code": …, "msg": …}` with this status."""

    def __init__(self, code: int, message: str, status: int = 400, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.headers = headers or {}


FILTER, REJECTED = -1013, -2010
OF_ENGINE: Mapping[Why, tuple[int, str]] = {
    "unknown pair": (-1121, "Invalid symbol."),
    "amount step": (FILTER, "Filter failure: LOT_SIZE"),
    "amount range": (FILTER, "Filter failure: LOT_SIZE"),
    "price step": (FILTER, "Filter failure: PRICE_FILTER"),
    "price range": (FILTER, "Filter failure: PERCENT_PRICE_BY_SIDE"),
    "least cost": (FILTER, "Filter failure: NOTIONAL"),
    "bad amount": (FILTER, "Invalid quantity."),
    "insufficient": (REJECTED, "Account has insufficient balance for requested action."),
    "duplicate": (REJECTED, "Duplicate order sent."),
    "would take": (REJECTED, "Order would immediately match and take."),
    "no liquidity": (REJECTED, "The relevant order book is empty."),
    "bad wallet": (REJECTED, "This action is disabled on this account."),
    "unknown order": (-2013, "Order does not exist."),
    "not open": (-2011, "Unknown order sent."),
}


def refusal(refused: Refused) -> Refusal:
    """The vendor's words for the engine's no."""
    return Refusal(*OF_ENGINE[refused.why])


def missing(name: str) -> Refusal:
    """A parameter that must be there."""
    return Refusal(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")


def illegal(name: str, legal: str) -> Refusal:
    """A parameter with characters that have no place in it."""
    return Refusal(-1100, f"Illegal characters found in parameter '{name}'; legal range is '{legal}'.")
