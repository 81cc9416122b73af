"""How much a caller may ask: weight by address and minute, orders by account, and what follows for those who go on."""

from collections.abc import Mapping

from bot.sandbox.exchange.binance.refusals import Refusal

MINUTE_MS, TEN_SECONDS_MS, DAY_MS = 60_000, 10_000, 86_400_000
SPOT_LIMIT, SAPI_LIMIT, FUTURES_LIMIT = 6_000, 12_000, 2_400
ORDERS_10S, ORDERS_DAY = 100, 200_000
# Calls after a 429 that make it a ban, and how long the first one lasts.
PATIENCE, BAN_MS = 20, 120_000
REMEMBERED = 10_000


def too_much(limit: int, wait_s: int, headers: Mapping[str, str]) -> Refusal:
    """A 429, as it is told."""
    words = (
        f"Too much request weight used; current limit is {limit} request weight per 1 MINUTE. "
        "Please use WebSocket Streams for live updates to avoid polling the API."
    )
    return Refusal(-1003, words, 429, {**headers, "Retry-After": str(wait_s)})


class Counter:
    """Counts within fixed windows of time, by name."""

    def __init__(self, window_ms: int) -> None:
        self.window_ms = window_ms
        self._window = 0
        self._counts: dict[str, int] = {}

    def add(self, name: str, count: int, now_ms: int) -> int:
        """What the count is now."""
        if now_ms // self.window_ms != self._window or len(self._counts) > REMEMBERED:
            self._window = now_ms // self.window_ms
            self._counts.clear()
        self._counts[name] = self._counts.get(name, 0) + count
        return self._counts[name]

    def ends_in_s(self, now_ms: int) -> int:
        """Seconds until it begins anew, at least one."""
        return max(1, -(-(self.window_ms - now_ms % self.window_ms) // 1000))


class Weights:
    """`enforced` False counts and tells, and refuses nobody."""

    def __init__(self, *, enforced: bool) -> None:
        self.enforced = enforced
        self._limits = {"spot": SPOT_LIMIT, "sapi": SAPI_LIMIT, "futures": FUTURES_LIMIT}
        self._used = {name: Counter(MINUTE_MS) for name in self._limits}
        self._strikes = Counter(MINUTE_MS)
        self._orders = {"10S": Counter(TEN_SECONDS_MS), "1D": Counter(DAY_MS)}
        self._banned: dict[str, int] = {}

    def spend(self, family: str, address: str, weight: int, now_ms: int) -> Mapping[str, str]:
        """The headers of the answer. Refusal with 429, and 418 for who does not stop."""
        self._check_ban(address, now_ms)
        used = self._used[family].add(address, weight, now_ms)
        name = "X-SAPI-USED-IP-WEIGHT-1M" if family == "sapi" else "X-MBX-USED-WEIGHT-1M"
        headers = {name: str(used)}
        limit = self._limits[family]
        if self.enforced and used > limit:
            self._strike(address, now_ms)
            raise too_much(limit, self._used[family].ends_in_s(now_ms), headers)
        return headers

    def order(self, account: str, now_ms: int) -> Mapping[str, str]:
        """Counts one order that was asked for. Refusal above what an account may."""
        headers = {}
        for (name, counter), limit in zip(self._orders.items(), (ORDERS_10S, ORDERS_DAY), strict=True):
            count = counter.add(account, 1, now_ms)
            headers[f"X-MBX-ORDER-COUNT-{name}"] = str(count)
            if self.enforced and count > limit:
                words = "10 SECOND" if name == "10S" else "1 DAY"
                retry = {"Retry-After": str(counter.ends_in_s(now_ms))}
                raise Refusal(-1015, f"Too many new orders; current limit is {limit} orders per {words}.", 429, retry)
        return headers

    def counts(self, account: str, now_ms: int) -> list[tuple[str, int, int]]:
        """Window, limit and count of this account's orders."""
        limits = zip(self._orders.items(), (ORDERS_10S, ORDERS_DAY), strict=True)
        return [(name, limit, counter.add(account, 0, now_ms)) for (name, counter), limit in limits]

    def _strike(self, address: str, now_ms: int) -> None:
        if self._strikes.add(address, 1, now_ms) > PATIENCE:
            self._banned[address] = now_ms + BAN_MS
            self._check_ban(address, now_ms)

    def _check_ban(self, address: str, now_ms: int) -> None:
        until = self._banned.get(address, 0)
        if now_ms < until:
            words = (
                f"Way too much request weight used; IP banned until {until}. "
                "Please use WebSocket Streams for live updates to avoid bans."
            )
            raise Refusal(-1003, words, 418, {"Retry-After": str(-(-(until - now_ms) // 1000))})
        self._banned.pop(address, None)
