"""Wishes as rows: what was chosen last holds, a pause ends, and a person's wishes are his alone."""

from datetime import time

from bot.domain.telling import CHOSEN, Loudness, Quiet, Topic, Wishes
from bot.domain.users import User
from storage.store import Store

ANN, BOB = 1, 2


async def wishes(store: Store, user_id: int = ANN) -> Wishes:
    return await store.read(lambda tx: tx.telling.wishes(user_id, tx.now_ms, "Asia/Tokyo"))


async def test_who_has_chosen_nothing_has_the_desks_zone_and_no_wishes(store: Store):
    assert await wishes(store) == Wishes("Asia/Tokyo")


async def test_every_choice_comes_out_as_it_went_in(store: Store):
    chosen = {topic: list(Loudness)[number % 3] for number, topic in enumerate(CHOSEN)}
    quiet = Quiet(time(23, 5), time(0), holds=True)

    def unit(tx):
        tx.users.add(User(ANN, "Ann"), tx.now_ms)
        tx.users.save(User(ANN, "Ann", timezone="Europe/Berlin"))
        for topic, loudness in chosen.items():
            tx.telling.choose(ANN, topic, Loudness.LOUD)
            tx.telling.choose(ANN, topic, loudness)
        tx.telling.choose_quiet(ANN, Quiet(time(1), time(2)))
        tx.telling.choose_quiet(ANN, quiet)

    await store.write(unit)
    assert await wishes(store) == Wishes("Europe/Berlin", chosen, quiet)
    assert await wishes(store, BOB) == Wishes("Asia/Tokyo")


async def test_a_pause_covers_a_choice_and_uncovers_it(store: Store, still):
    await store.write(lambda tx: tx.telling.choose(ANN, Topic.ALERTS, Loudness.SILENT))
    await store.write(lambda tx: tx.telling.pause(ANN, Topic.ALERTS, tx.now_ms + 1000))
    await store.write(lambda tx: tx.telling.pause(ANN, Topic.NEWS, tx.now_ms + 1000))
    assert (await wishes(store)).loudness == {Topic.ALERTS: Loudness.OFF, Topic.NEWS: Loudness.OFF}
    still.advance(1)
    assert (await wishes(store)).loudness == {Topic.ALERTS: Loudness.SILENT}


async def test_no_quiet_hours_are_none(store: Store):
    await store.write(lambda tx: tx.telling.choose_quiet(ANN, Quiet(time(1), time(2))))
    await store.write(lambda tx: tx.telling.choose_quiet(ANN, None))
    assert (await wishes(store)).quiet is None
