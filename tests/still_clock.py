"""A clock that moves only when it is told to."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 21, 12, tzinfo=UTC)


class StillClock:
    def __init__(self) -> None:
        self.passed_s = self.set_s = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.passed_s + self.set_s)

    def monotonic(self) -> float:
        return 1000 + self.passed_s

    def jump(self, seconds: float) -> None:
        """The wall clock is set; nothing has passed."""
        self.set_s += seconds

    def advance(self, seconds: float) -> None:
        self.passed_s += seconds
