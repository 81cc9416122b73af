"""The metrics page, read by Prometheus's own parser; and tallies of vendors."""

import re

import pytest
from aiohttp import ClientSession
from prometheus_client.parser import text_string_to_metric_families

from bot.domain.errors import Unavailable
from bot.domain.figures import labelled
from bot.providers.tally import Tally
from bot.web.metrics import FAMILIES, PREFIX, page
from tests.desk import Desk, World, asked


def read(text: str):
    return {family.name: family for family in text_string_to_metric_families(text)}


def bare(name: str) -> str:
    """Prometheus's parser calls a counter by its name without the ending."""
    return name.removesuffix("_total")


async def fetched(desk: Desk, path: str = "/metrics") -> tuple[int, str, str]:
    address = f"http://127.0.0.1:{desk.app.ports[0]}{path}"
    async with ClientSession() as session, session.get(address) as answer:
        return answer.status, answer.headers["Content-Type"], await answer.text()


async def test_every_family_is_there_as_the_table_has_it_once_the_desk_has_worked(world: World, desk: Desk):
    await desk.ready()
    await asked(world.alice, "/price btc")
    await asked(world.alice, "/ticker btc/usdt")
    status, kind, text = await fetched(desk)
    assert (status, kind) == (200, "text/plain; version=0.0.4; charset=utf-8")
    found = read(text)
    for family in FAMILIES:
        if family.name != "intents":  # no order was made
            seen = found[PREFIX + bare(family.name)]
            assert (seen.type, seen.documentation) == (family.kind, family.about)
            assert seen.samples
    assert set(found) <= {PREFIX + bare(family.name) for family in FAMILIES}


async def test_what_vendors_take_is_a_histogram_that_adds_up(world: World, desk: Desk):
    await desk.ready()
    await asked(world.alice, "/price btc")
    seconds = read((await fetched(desk))[2])[f"{PREFIX}vendor_call_seconds"]
    buckets = [s.value for s in seconds.samples if s.name.endswith("_bucket") and s.labels["vendor"] == "coincodex"]
    (count,) = (s.value for s in seconds.samples if s.name.endswith("_count") and s.labels["vendor"] == "coincodex")
    assert buckets == sorted(buckets)
    assert buckets[-1] == count > 0


async def test_no_name_and_no_number_of_a_person_is_on_the_page(world: World, desk: Desk):
    await desk.ready()
    await asked(world.alice, "/watch btc")
    text = (await fetched(desk))[2]
    assert not re.search(rf"(?<![\d.]){world.alice.id}(?!\d)", text)
    assert "alice" not in text.lower()


async def test_a_full_disk_is_no_readiness(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    await desk.ready()
    assert (await fetched(desk, "/readyz"))[0] == 200
    full = type("Usage", (), {"free": 1 << 20})()
    monkeypatch.setattr("shutil.disk_usage", lambda _: full)
    status, _, text = await fetched(desk, "/readyz")
    assert (status, "the disk is full" in text) == (503, True)


async def test_where_the_database_does_not_answer_the_page_still_does(desk: Desk):
    await desk.ready()
    with pytest.raises(Unavailable):  # closed in the thread that reads, which may be amid a question of the desk
        await desk.app.store.read(lambda tx: tx._db.conn.close())
    status, _, text = await fetched(desk)
    found = read(text)
    assert (status, found[f"{PREFIX}database_answers"].samples[0].value) == (200, 0)
    assert f"{PREFIX}outbox_waiting" not in found


def test_a_figure_that_nobody_described_is_not_lost():
    assert page({"of_tomorrow": 3}) == "changedesk_of_tomorrow 3\n"


def test_figures_keep_every_digit():
    (family,) = text_string_to_metric_families(page({"database_bytes": 1_234_567_891}))
    assert family.samples[0].value == 1_234_567_891


@pytest.mark.parametrize(
    ("status", "trouble"),
    [(200, ""), (204, ""), (404, "refused"), (429, "limited"), (418, "limited"), (503, "failed"), (0, "unreached")],
)
def test_a_call_is_told_by_how_it_ended(status, trouble):
    tally = Tally("okx")
    with tally.call() as call:
        call.status = status
    errors = {name: value for name, value in tally.figures().items() if name.startswith("vendor_errors_total")}
    assert sum(errors.values()) == bool(trouble)
    if trouble:
        assert errors[labelled("vendor_errors_total", vendor="okx", kind=trouble)] == 1


def test_what_a_vendor_refuses_says_nothing_of_its_health_and_what_it_does_not_answer_does():
    tally = Tally("okx")
    assert (tally.state().trouble, tally.state().age_s) == ("", None)
    for status, trouble in ((200, ""), (404, ""), (503, "failed"), (200, "")):
        with tally.call() as call:
            call.status = status
        assert tally.state().trouble == trouble


def test_a_call_that_breaks_is_counted_and_goes_on_breaking():
    tally = Tally("okx")
    with pytest.raises(ValueError), tally.call():
        raise ValueError
    assert tally.state().trouble == "unreached"
