"""The worker may die, hang, or be asked by a hundred at once: a person gets a picture or a plain answer."""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
import pytest_asyncio
from chart_series import at, series, walk

from bot.charts import Charts, Limits, TableFormat, TableRequest, tables
from bot.domain.errors import Unavailable, UserMistake

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOT = Path(__file__).resolve().parents[2]
PNG = b"\x89PNG\r\n\x1a\n"
WEEK = walk(100)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def shared():
    """One worker for all tests that leave it as good as they found it, or replaced."""
    async with opened() as charts:
        await charts.warm()
        yield charts


@pytest.fixture
def charts(shared):
    shared.limits = Limits()
    return shared


@asynccontextmanager
async def opened(**limits):
    charts = Charts(Limits(**limits))
    try:
        yield charts
    finally:
        await charts.close()


async def turns(count=20):
    """Lets everything run that can run without waiting for the worker."""
    for _ in range(count):
        await asyncio.sleep(0)


def fresh(seed):
    """A series nobody has asked for before."""
    return walk(60, seed=1000 + seed)


@asynccontextmanager
async def frozen(charts):
    """The worker holds still, in the middle of whatever it is given meanwhile."""
    if charts.pid is None:
        await charts.warm()
    pid = charts.pid
    os.kill(pid, signal.SIGSTOP)
    try:
        yield pid
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


async def test_a_picture_is_a_png_under_the_name_asked_for(charts):
    picture = await charts.picture(fresh(1), title="BTC · 7d", volume=fresh(2), name="btc-7d.png")
    assert picture.content.startswith(PNG)
    assert picture.name == "btc-7d.png"


async def test_the_same_again_is_not_drawn_again_and_another_zone_is(charts):
    first = await charts.picture(fresh(3), title="BTC")
    drawn = charts.counts.drawn
    assert await charts.picture(fresh(3), title="BTC") == first
    assert charts.counts.drawn == drawn
    await charts.picture(fresh(3), title="BTC", zone="Asia/Tokyo")
    assert charts.counts.drawn == drawn + 1


async def test_a_hundred_at_once_are_one_drawing(charts):
    drawn = charts.counts.drawn
    pictures = await asyncio.gather(*(charts.picture(fresh(4), title="BTC") for _ in range(100)))
    assert len(set(pictures)) == 1
    assert charts.counts.drawn == drawn + 1


async def test_those_who_waited_get_their_picture_when_the_first_one_leaves(charts):
    async with asyncio.TaskGroup() as people, frozen(charts):
        first, *others = [people.create_task(charts.picture(fresh(5), title="BTC")) for _ in range(5)]
        await turns()
        first.cancel()
        await turns()
    assert first.cancelled()
    assert {person.result().content[:8] for person in others} == {PNG}


async def test_one_who_leaves_does_not_take_the_drawing_from_the_others(charts):
    drawn = charts.counts.drawn
    async with asyncio.TaskGroup() as people, frozen(charts):
        first, other, last = [people.create_task(charts.picture(fresh(6), title="BTC")) for _ in range(3)]
        await turns()
        other.cancel()
        await turns()
    assert other.cancelled()
    assert first.result() == last.result()
    assert charts.counts.drawn == drawn + 1


async def test_a_worker_killed_in_the_middle_of_a_job_is_replaced_and_the_job_done(charts):
    deaths = charts.counts.deaths
    async with asyncio.TaskGroup() as people, frozen(charts) as pid:
        asked = people.create_task(charts.picture(fresh(7), title="BTC"))
        await turns()
        os.kill(pid, signal.SIGKILL)
    assert asked.result().content.startswith(PNG)
    assert charts.counts.deaths == deaths + 1
    assert charts.pid not in (pid, None)


async def test_a_worker_killed_between_jobs_is_not_noticed_by_anyone(charts):
    await charts.warm()
    os.kill(charts.pid, signal.SIGKILL)
    assert (await charts.picture(fresh(8), title="BTC")).content.startswith(PNG)


async def test_a_job_that_two_workers_died_of_is_given_up():
    async with opened() as charts:

        async def kill_each_at_once():
            while charts.counts.deaths < 2:
                if charts.pid:
                    with suppress(ProcessLookupError):
                        os.kill(charts.pid, signal.SIGKILL)
                await asyncio.sleep(0)

        answer, _ = await asyncio.gather(
            charts.picture(fresh(9), title="BTC"), kill_each_at_once(), return_exceptions=True
        )
        assert isinstance(answer, Unavailable)
        assert answer.key == "chart.failed"
        assert charts.counts.workers == charts.counts.deaths == 2


async def test_a_job_that_hangs_is_given_up_and_the_next_one_is_not(charts):
    async with frozen(charts) as pid:
        charts.limits = replace(charts.limits, job_timeout_s=0.2)
        with pytest.raises(Unavailable, match=r"chart\.failed"):
            await charts.picture(fresh(10), title="BTC")
    assert not psutil.pid_exists(pid)
    charts.limits = Limits()
    assert (await charts.picture(fresh(10), title="BTC")).content.startswith(PNG)


async def test_a_new_worker_has_time_to_load_what_it_needs_and_a_warm_one_has_not():
    async with opened(job_timeout_s=0.005, start_s=60) as charts:
        await charts.warm()
        with pytest.raises(Unavailable, match=r"chart\.failed"):
            await charts.picture(fresh(11), title="BTC")


async def test_more_than_may_wait_are_turned_away_and_those_before_them_are_not(charts):
    charts.limits = replace(charts.limits, waiting=2)
    async with asyncio.TaskGroup() as people, frozen(charts):
        asked = [people.create_task(charts.picture(fresh(20 + n), title="BTC")) for n in range(3)]
        await turns()
        with pytest.raises(Unavailable, match=r"chart\.busy"):
            await charts.picture(fresh(30), title="BTC")
    assert all(person.result().content.startswith(PNG) for person in asked)


async def test_a_worker_is_replaced_after_so_many_jobs_and_not_before():
    async with opened(jobs_per_worker=2) as charts:
        for seed in range(4):
            await charts.picture(fresh(40 + seed), title="BTC")
        assert (charts.counts.workers, charts.counts.deaths) == (2, 0)


async def test_closing_ends_the_worker_and_tells_those_who_wait():
    charts = Charts()
    async with frozen(charts) as pid:
        asked = asyncio.gather(*(charts.picture(fresh(50 + n), title="BTC") for n in range(3)), return_exceptions=True)
        await turns()
        await charts.close()
        answers = await asked
    assert [answer.key for answer in answers] == ["chart.failed"] * 3
    assert not psutil.pid_exists(pid)
    await charts.close()
    with pytest.raises(Unavailable):
        await charts.warm()


async def test_nothing_is_started_before_it_is_needed():
    charts = Charts()
    assert charts.pid is None
    await charts.close()


async def test_an_interrupt_and_a_stop_are_the_desks_business(charts):
    await charts.warm()
    pid = charts.pid
    for ours_not in (signal.SIGINT, signal.SIGTERM):
        os.kill(pid, ours_not)
    await charts.picture(fresh(60), title="BTC")
    assert charts.pid == pid


async def test_the_worker_is_given_nothing_of_the_environment(monkeypatch):
    monkeypatch.setenv("BOT_TOKEN", "42:secret")
    async with opened() as other:
        await other.warm()
        environment = psutil.Process(other.pid).environ()
        assert "PYTHONPATH" in environment
        assert "BOT_TOKEN" not in environment


async def test_a_fault_in_drawing_is_logged_and_the_worker_goes_on(charts, caplog):
    await charts.warm()
    pid = charts.pid
    with pytest.raises(Unavailable, match=r"chart\.failed"):
        await charts.picture(fresh(70), title=12345)
    assert "TypeError" in caplog.text
    assert (await charts.picture(fresh(70), title="BTC")).content.startswith(PNG)
    assert charts.pid == pid


async def test_a_series_without_a_value_does_not_trouble_the_worker(charts):
    with pytest.raises(Unavailable, match=r"chart\.no_data"):
        await charts.picture(series(at([None])), title="BTC")


@pytest.mark.parametrize("kind", list(TableFormat))
async def test_a_table_is_the_same_as_without_a_worker(charts, kind):
    request = TableRequest((WEEK, walk(80, symbol="ETH")), every=timedelta(hours=1), format=kind)
    result = await charts.table(request)
    assert result == tables.make(request)
    assert result.document.content == result.content


async def test_a_mistake_comes_back_with_its_values(charts):
    far_apart = walk(2, step_s=10**9)
    with pytest.raises(UserMistake) as mistake:
        await charts.table(TableRequest((far_apart,), every=timedelta(minutes=1)))
    assert (mistake.value.key, mistake.value.values["every"]) == ("every.too_fine", "1m")
    with pytest.raises(UserMistake, match=r"export\.no_data"):
        await charts.table(TableRequest(()))


def run_alone(code, **environment):
    command = [sys.executable, "-c", code]
    return subprocess.run(  # noqa: S603  our own interpreter
        command, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=60, check=False
    )


async def test_the_desk_itself_loads_nothing_heavy():
    found = run_alone("import sys, bot.charts; print({'matplotlib', 'polars', 'numpy', 'PIL'} & set(sys.modules))")
    assert found.stdout.strip() == "set()", found.stderr


ORPHAN = """
import asyncio, os, signal
from bot.charts import Charts
async def main():
    charts = Charts()
    await charts.warm()
    os.kill(charts.pid, signal.SIGSTOP) if {stopped} else None
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""


@pytest.mark.parametrize("stopped", [False, True])
async def test_the_worker_does_not_outlive_a_killed_desk_and_no_litter_does(stopped, tmp_path):
    # The worker shares the desk's standard error: its end is reached only when both are gone.
    ended = run_alone(ORPHAN.format(stopped=stopped), TMPDIR=str(tmp_path))
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert not list(tmp_path.iterdir())
