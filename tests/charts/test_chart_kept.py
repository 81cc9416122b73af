"""What is kept of finished pictures."""

from bot.charts.worker import Kept
from bot.domain.replies import Picture


def test_what_is_kept_stays_within_its_bytes_and_the_least_wanted_goes():
    kept = Kept(most_bytes=100)
    for key in ("a", "b"):
        kept.keep((key, None, None), Picture(bytes(40)))
    kept.get(("a", None, None))
    kept.keep(("c", None, None), Picture(bytes(40)))
    assert kept.get(("b", None, None)) is None
    assert kept.get(("a", None, None))
    assert kept.bytes == 80
