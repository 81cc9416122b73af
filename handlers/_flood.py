"""How much one person may ask in how much time. What counts is when he sent it, not when it reached us:
what piled up while the desk was away is no flood.
"""

from collections import OrderedDict
from dataclasses import dataclass

BURST = 20
PER_SECOND = 1.0
MOST_PEOPLE = 20_000


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float
    told: bool = False


class Flood:
    def __init__(self, burst: int = BURST, per_second: float = PER_SECOND) -> None:
        self._burst = burst
        self._per_second = per_second
        self._buckets: OrderedDict[int, _Bucket] = OrderedDict()

    def admits(self, person: int, sent_at: float) -> bool:
        bucket = self._bucket(person, sent_at)
        bucket.left = min(self._burst, bucket.left + max(0.0, sent_at - bucket.at) * self._per_second)
        bucket.at = max(bucket.at, sent_at)
        if bucket.left < 1:
            return False
        bucket.left -= 1
        bucket.told = bucket.told and bucket.left < self._burst / 2
        return True

    def shall_tell(self, person: int) -> bool:
        """True once a flood: telling him each time would be a flood of our own."""
        bucket = self._buckets[person]
        told, bucket.told = bucket.told, True
        return not told

    def wait_s(self) -> float:
        """After so long the person has half his burst again."""
        return self._burst / 2 / self._per_second

    def _bucket(self, person: int, sent_at: float) -> _Bucket:
        bucket = self._buckets.get(person)
        if bucket is None:
            bucket = self._buckets[person] = _Bucket(self._burst, sent_at)
            if len(self._buckets) > MOST_PEOPLE:
                self._buckets.popitem(last=False)
        return bucket
