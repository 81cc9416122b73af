"""The other traders: they quote around the market's price and take a little now and then, whenever someone looks."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Protocol

from bot.sandbox.exchange.accounts import Account
from bot.sandbox.exchange.floor import Floor
from bot.sandbox.exchange.orders import Order, Side, Stay

STEP_MS = 1_000
# After a long silence the crowd does not live through all of it.
MOST_STEPS = 10
LEVELS = 40
HALF_SPREAD, LEVEL_GAP = 0.00005, 0.00012
LEAST_QUOTED_USD, MOST_QUOTED_USD = 300, 3_000
LEAST_TAKEN_USD, MOST_TAKEN_USD = 50, 1_500
MOST_TAKES = 2
REACH = Decimal("0.002")
FIRST_MOMENTS, FIRST_PRINTS, FIRST_MS = 30, 4, 600_000
# How far from the middle each level lies, and how much more is quoted there than at the first.
LADDER = [
    (Decimal(f"{HALF_SPREAD + LEVEL_GAP * level * (1 + level / 20):.8f}"), 1 + level / 4) for level in range(LEVELS)
]


class Pit(Protocol):
    """Where the crowd trades: the engine, seen from here."""

    def now_ms(self) -> int: ...
    def worth(self, asset: str) -> Decimal: ...
    def enter(
        self, floor: Floor, owner: Account, side: Side, price: Decimal, amount: Decimal, stay: Stay, at_ms: int
    ) -> Order: ...
    def show(self, floor: Floor, at_ms: int, price: Decimal, amount: Decimal, side: Side) -> None: ...


class Crowd:
    """One bottomless account. Paused, it leaves its quotes as they stand and does nothing."""

    def __init__(self, pit: Pit, account: Account) -> None:
        self.account = account
        self.paused = False
        self._pit = pit

    def come(self, floor: Floor) -> None:
        """Do what was to be done since the last time someone looked. Cheap when that was just now."""
        now = self._pit.now_ms()
        if self.paused or 0 <= now - floor.seen_ms < STEP_MS:
            return
        usd = self._pit.worth(floor.pair.base)
        if not floor.seen_ms:
            self._first(floor, now, usd)
        steps = max(1, min((now - floor.seen_ms) // STEP_MS, MOST_STEPS)) if floor.seen_ms else 1
        for left in range(steps - 1, -1, -1):
            at_ms = now - left * max(STEP_MS, (now - floor.seen_ms) // steps)
            mid = floor.fair(at_ms // 1000)
            if left and not floor.book.has_guests(self.account):
                self._trade_aside(floor, at_ms, mid, usd)
            else:
                self._take(floor, at_ms, mid, usd)
                self._quote(floor, at_ms, mid, usd)
        floor.seen_ms = now

    def leave(self, floor: Floor) -> None:
        """Take all quotes away."""
        floor.book.drop(self.account)

    def hit(self, floor: Floor, order: Order, share: Decimal) -> None:
        """Fill this share of what is open of a resting order, and whatever stands before it."""
        side: Side = "sell" if order.wish.side == "buy" else "buy"
        before = Decimal(0)
        for resting in floor.book.facing(side, order.price):
            if resting is order:
                break
            before += resting.left
        amount = before + max(floor.pair.cut(order.left * share), floor.pair.amount_step)
        self._pit.enter(floor, self.account, side, order.price or floor.last, amount, "ioc", self._pit.now_ms())

    def _quote(self, floor: Floor, at_ms: int, mid: Decimal, usd: Decimal) -> None:
        self.leave(floor)
        sides: tuple[tuple[Side, int], ...] = (("buy", -1), ("sell", 1))
        for side, sign in sides:
            before = Decimal(0)
            for away, depth in LADDER:
                price = floor.pair.rounded(mid * (1 + sign * away), ROUND_FLOOR if side == "buy" else ROUND_CEILING)
                if price != before and price > 0:
                    amount = self._amount(floor, LEAST_QUOTED_USD, MOST_QUOTED_USD * depth, usd)
                    self._pit.enter(floor, self.account, side, price, amount, "gtc", at_ms)
                before = price

    def _take(self, floor: Floor, at_ms: int, mid: Decimal, usd: Decimal) -> None:
        for _ in range(floor.rng.randint(0, MOST_TAKES)):
            side: Side = floor.rng.choice(("buy", "sell"))
            price = floor.pair.rounded(mid * (1 + REACH if side == "buy" else 1 - REACH))
            amount = self._amount(floor, LEAST_TAKEN_USD, MOST_TAKEN_USD, usd)
            self._pit.enter(floor, self.account, side, price, amount, "ioc", at_ms)

    def _trade_aside(self, floor: Floor, at_ms: int, mid: Decimal, usd: Decimal) -> None:
        """Among themselves, where nobody else waits to be served: on the tape, past the book."""
        for _ in range(floor.rng.randint(0, MOST_TAKES)):
            side: Side = floor.rng.choice(("buy", "sell"))
            amount = self._amount(floor, LEAST_TAKEN_USD, MOST_TAKEN_USD, usd)
            self._pit.show(floor, at_ms, floor.pair.rounded(mid), amount, side)

    def _first(self, floor: Floor, now: int, usd: Decimal) -> None:
        """Trades from before anyone looked: the tape is never empty."""
        for left in range(FIRST_MOMENTS, 0, -1):
            at_ms = now - left * FIRST_MS // FIRST_MOMENTS
            mid = floor.fair(at_ms // 1000)
            for _ in range(FIRST_PRINTS):
                self._trade_aside(floor, at_ms, mid, usd)

    def _amount(self, floor: Floor, least_usd: float, most_usd: float, usd: Decimal) -> Decimal:
        worth = Decimal(f"{floor.rng.uniform(least_usd, most_usd):.2f}")
        return max(floor.pair.cut(worth / usd), floor.pair.amount_step)
