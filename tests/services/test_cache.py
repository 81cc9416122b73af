"""Values that age: one call for a crowd, the last value while the source is slow, bounded."""

import asyncio

import pytest

from bot.domain.errors import Unavailable
from bot.services._cache import Aged, Cache

FRESH_S = 30


class Source:
    """Answers each key with its count of calls so far; knows nothing of keys that begin with a dash."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.fault: Exception | None = None
        self.asked = asyncio.Event()
        self.open = asyncio.Event()
        self.open.set()

    async def fetch(self, keys):
        self.calls.append(list(keys))
        self.asked.set()
        await self.open.wait()
        if self.fault:
            raise self.fault
        return {key: f"{key}{len(self.calls)}" for key in keys if not key.startswith("-")}


@pytest.fixture
def source():
    return Source()


@pytest.fixture
def cache(source, still, nursery):
    return Cache(source.fetch, fresh_s=FRESH_S, clock=still, nursery=nursery, most=100, most_a_call=10)


async def test_a_crowd_makes_one_call_cold_and_one_at_expiry(cache, source, still):
    answers = await asyncio.gather(*(cache.get(["btc"]) for _ in range(500)))
    assert answers == [{"btc": Aged("btc1")}] * 500
    still.advance(FRESH_S)
    await asyncio.gather(*(cache.get(["btc"]) for _ in range(500)))
    assert len(source.calls) == 2


async def test_fresh_is_not_asked_for_again_and_old_is(cache, still):
    await cache.get(["a"])
    still.advance(FRESH_S / 2)
    assert await cache.get(["a"]) == {"a": Aged("a1")}
    still.advance(FRESH_S / 2)
    assert await cache.get(["a"]) == {"a": Aged("a2")}


async def test_what_will_soon_be_old_is_renewed_while_nobody_waits(cache, source, still):
    await cache.get(["a"])
    still.advance(FRESH_S - 1)
    source.asked.clear()
    assert await cache.get(["a"]) == {"a": Aged("a1")}
    await source.asked.wait()
    while cache.peek("a") == "a1":  # noqa: ASYNC110  # what renews it is a task of the cache's own
        await asyncio.sleep(0)
    still.advance(FRESH_S / 2)
    assert await cache.get(["a"]) == {"a": Aged("a2")}
    assert len(source.calls) == 2


async def test_what_nobody_asks_for_is_not_renewed(cache, source, still):
    await cache.get(["a", "b"])
    still.advance(FRESH_S - 1)
    await cache.get(["a"])
    still.advance(FRESH_S)
    await cache.get(["a"])
    assert source.calls == [["a", "b"], ["a"]]


async def test_a_source_known_to_be_unwell_is_not_asked_ahead(cache, source, still):
    await cache.get(["a"])
    source.fault = Unavailable("source.down")
    with pytest.raises(Unavailable):
        await cache.get(["b"])
    still.advance(FRESH_S - 1)
    assert await cache.get(["a"]) == {"a": Aged("a1")}
    assert source.calls == [["a"], ["b"]]


async def test_what_is_wanted_while_calls_are_under_way_goes_with_the_next(cache, source):
    source.open.clear()
    asking = []
    for n in range(8):
        source.asked.clear()
        asking.append(asyncio.ensure_future(cache.get([f"k{n}"])))  # noqa: TID251  # a crowd that comes one by one
        if n < 3:
            await source.asked.wait()
    source.open.set()
    assert [answer.popitem()[1].value is not None for answer in await asyncio.gather(*asking)] == [True] * 8
    assert source.calls[:3] == [["k0"], ["k1"], ["k2"]]
    assert source.calls[3:] == [["k3", "k4", "k5", "k6", "k7"]]


async def test_a_mistake_of_ours_keeps_nobody_else_waiting(source, still, nursery):
    cache = Cache(source.fetch, fresh_s=FRESH_S, clock=still, nursery=nursery, most=100, most_a_call=1)
    source.fault = ZeroDivisionError()
    answers = await asyncio.gather(*(cache.get([f"k{n}"]) for n in range(8)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [ZeroDivisionError] * 8


async def test_keys_wanted_together_go_in_one_call_of_bounded_size(cache, source):
    await asyncio.gather(*(cache.get([f"k{n}"]) for n in range(25)), cache.get(["k1", "k2"]))
    assert sorted(len(call) for call in source.calls) == [5, 10, 10]
    assert len({key for call in source.calls for key in call}) == 25


async def test_what_the_source_does_not_know_is_remembered_as_such(cache, source):
    assert await cache.get(["-x", "a"]) == {"-x": Aged(None), "a": Aged("a1")}
    assert await cache.get(["-x"]) == {"-x": Aged(None)}
    assert len(source.calls) == 1


async def test_a_failing_source_leaves_the_last_value_marked_as_old(cache, source, still):
    await cache.get(["a"])
    still.advance(FRESH_S)
    source.fault = Unavailable("source.down")
    assert await cache.get(["a"]) == {"a": Aged("a1", stale=True)}


async def test_a_failure_reaches_only_who_has_nothing_older(cache, source, still):
    await cache.get(["a"])
    still.advance(FRESH_S)
    source.fault = Unavailable("source.down")
    with pytest.raises(Unavailable):
        await cache.get(["b"])
    assert await cache.get(["a"]) == {"a": Aged("a1", stale=True)}
    source.fault = None
    assert (await cache.get(["b"]))["b"].value


async def test_a_source_known_to_be_unwell_is_not_waited_for(cache, source, still, nursery):
    await cache.get(["a"])
    still.advance(FRESH_S)
    source.fault = Unavailable("source.down")
    await cache.get(["a"])
    source.open.clear()
    asked = nursery.start(cache.get(["a"]), "asked")
    for _ in range(10):
        await asyncio.sleep(0)  # turns of the loop, and no time
    assert asked.done()
    assert asked.result() == {"a": Aged("a1", stale=True)}
    source.open.set()


async def test_who_has_nothing_waits_for_a_slow_source(cache, source):
    source.open.clear()
    asking = asyncio.gather(cache.get(["a"]))
    await source.asked.wait()
    assert not asking.done()
    source.open.set()
    assert await asking == [{"a": Aged("a1")}]


async def test_who_went_away_takes_the_answer_from_nobody(cache, source):
    source.open.clear()
    asking = [asyncio.gather(cache.get(["a"])) for _ in range(2)]
    await source.asked.wait()
    asking[0].cancel()
    source.open.set()
    assert await asking[1] == [{"a": Aged("a1")}]
    with pytest.raises(asyncio.CancelledError):
        await asking[0]


async def test_it_keeps_only_so_many_the_least_used_go(source, still, nursery):
    cache = Cache(source.fetch, fresh_s=FRESH_S, clock=still, nursery=nursery, most=3)
    for key in "abc":
        await cache.get([key])
    await cache.get(["a"])
    await cache.get(["d"])
    assert [cache.peek(key) is not None for key in "abcd"] == [True, False, True, True]


async def test_a_crowd_larger_than_the_cache_is_answered_in_full(source, still, nursery):
    cache = Cache(source.fetch, fresh_s=FRESH_S, clock=still, nursery=nursery, most=3)
    answers = await cache.get([f"k{n}" for n in range(20)])
    assert all(aged.value for aged in answers.values())


async def test_our_own_mistake_is_told_and_not_kept(cache, source):
    source.fault = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        await cache.get(["a"])
    source.fault = None
    assert (await cache.get(["a"]))["a"].value == "a2"


async def test_what_is_put_counts_as_fresh(cache, source):
    cache.put("a", "given")
    assert await cache.get(["a"]) == {"a": Aged("given")}
    assert source.calls == []
