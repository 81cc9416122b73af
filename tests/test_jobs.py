"""What the clock does, as it is started: all of it lets people go first."""

from collections import Counter
from typing import Any

import pytest

from bot.app import Job, jobs
from bot.domain.ports import is_unhurried


class Asked:
    """Stands for all services: notes of each call whether anybody waits for it."""

    def __init__(self) -> None:
        self.unhurried: Counter[bool] = Counter()

    def __getattr__(self, _name: str) -> Any:
        return self

    async def __call__(self, *_given: object) -> None:
        self.unhurried[is_unhurried()] += 1


ASKED = Asked()


@pytest.mark.parametrize("job", jobs(ASKED), ids=lambda job: job.name)  # type: ignore[arg-type]  # it stands for them
async def test_nobody_waits_for_what_the_clock_does(job: Job):
    ASKED.unhurried.clear()
    await job.run()
    assert ASKED.unhurried.keys() == {True}
    assert not is_unhurried()
