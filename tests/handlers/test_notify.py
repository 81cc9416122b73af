"""/notify, /quiet and /missed: every button works, what is typed holds, what cannot be read changes nothing."""

from datetime import time

import pytest

from bot.domain.errors import UserMistake
from bot.domain.notices import Address, Lane, Notice
from bot.domain.telling import Loudness, Quiet, Topic
from tests.handlers.conftest import ANN, Room, buttons


async def wishes(room: Room):
    return await room.services.telling.wishes(ANN)


async def test_every_button_of_both_cards_works(room: Room):
    await room.say("quiet 23-7")
    for line in ("notify", "quiet"):
        for data in buttons(await room.say(line)):
            assert (await room.say(data.removeprefix("!"))).plain


async def test_a_press_takes_a_topic_to_its_next_loudness_and_around(room: Room):
    seen = []
    for _ in range(3):
        (press,) = [data for data in buttons(await room.say("notify")) if " fills " in data]
        assert "✅" in (await room.say(press.removeprefix("!"))).plain
        seen.append((await wishes(room)).of(Topic.FILLS))
    assert seen == [Loudness.SILENT, Loudness.OFF, Loudness.LOUD]


async def test_words_go_in_any_order(room: Room):
    for typed in ("notify alerts off", "notify off Alerts", "notifications ALERT OFF"):
        await room.say(typed)
        assert (await wishes(room)).of(Topic.ALERTS) is Loudness.OFF
        assert (await wishes(room)).of(Topic.FILLS) is Loudness.LOUD
        await room.say("notify alerts loud")


async def test_a_pause_ends_by_itself_and_what_was_chosen_holds_again(room: Room):
    await room.say("notify alerts silent")
    await room.say("notify alerts off 8h")
    room.clock.advance(8 * 3600 - 1)
    assert (await wishes(room)).of(Topic.ALERTS) is Loudness.OFF
    room.clock.advance(2)
    assert (await wishes(room)).of(Topic.ALERTS) is Loudness.SILENT


async def test_a_choice_ends_a_pause(room: Room):
    await room.say("notify alerts off 2d")
    await room.say("notify alerts loud")
    assert (await wishes(room)).of(Topic.ALERTS) is Loudness.LOUD


async def refused(room: Room, line: str, key: str) -> None:
    before = await wishes(room)
    with pytest.raises(UserMistake) as told:
        await room.say(line)
    assert (line, told.value.key) == (line, key)
    assert await wishes(room) == before


async def test_what_cannot_be_read_changes_nothing(room: Room):
    for typed in ("fills", "loud", "nonsense off", "fills loud 8h", "fills off 8h 9h", "digest off"):
        await refused(room, f"notify {typed}", "notify.unreadable")


async def test_a_pause_of_no_length_is_refused(room: Room):
    await refused(room, "notify alerts off 8x", "notify.pause_unreadable")
    for typed in ("h", "0h", "9999d", "٣h"):
        await refused(room, f"notify alerts off {typed}", "number.unreadable")


HOURS = {
    "23:00-07:00": (time(23), time(7)),
    "23-7": (time(23), time(7)),
    "23:30 – 6:45": (time(23, 30), time(6, 45)),
    "22.15 to 8": (time(22, 15), time(8)),
    "13:00 14:30": (time(13), time(14, 30)),
    "20-24": (time(20), time(0)),
}


async def test_hours_are_read_as_people_write_them(room: Room):
    for typed, (start, end) in HOURS.items():
        await room.say(f"quiet {typed}")
        assert (await wishes(room)).quiet == Quiet(start, end)


async def test_hours_that_are_none_are_refused_and_those_before_hold(room: Room):
    await refused(room, "quiet hold", "quiet.unreadable")
    await room.say("quiet 22-6 hold")
    for typed in ("25-7", "7-7", "23:60-7", "night", "23", "-1-7", "23-7-8", "٢٣-٧"):
        await refused(room, f"quiet {typed}", "quiet.unreadable")


async def test_how_it_is_quiet_is_kept_with_new_hours_and_changed_alone(room: Room):
    await room.say("quiet 23-7 hold")
    await room.say("quiet 22-6")
    assert (await wishes(room)).quiet == Quiet(time(22), time(6), holds=True)
    await room.say("quiet silent")
    assert (await wishes(room)).quiet == Quiet(time(22), time(6), holds=False)
    await room.say("quiet off")
    assert (await wishes(room)).quiet is None


async def test_hours_are_shown_with_the_zone_they_are_of(room: Room):
    await room.say("settings zone Europe/Berlin")
    assert "23:00–07:00 (Europe/Berlin)" in (await room.say("quiet 23-7")).plain


async def muted(room: Room, count: int) -> None:
    def unit(tx):
        for n in range(count):
            values = {"tickers": [f"C{n}"]}
            tx.tell(f"missed:{n}", Lane.ALERT, ANN, Address(ANN), Notice("watch_saved", values))
        for parcel in tx.outbox.claim(tx.now_ms, tx.now_ms + 1, 100):
            tx.outbox.settle(parcel.id, "muted", tx.now_ms)

    await room.store.write(unit)


async def test_nothing_missed_is_said_so(room: Room):
    await room.users.meet(ANN, "Ann")
    assert "Nothing was kept from you" in (await room.say("missed")).plain


async def test_what_was_missed_is_listed_latest_first_page_by_page(room: Room):
    await room.users.meet(ANN, "Ann")
    await muted(room, 12)
    first = await room.say("missed")
    assert "12 messages" in first.plain
    assert first.plain.index("C11") < first.plain.index("C2")
    assert "C1 " not in first.plain
    assert "of a kind you turned off" in first.plain
    assert "!missed 2" in buttons(first)
    second = await room.say("missed 2")
    assert "C0" in second.plain
    assert "C2" not in second.plain
    assert "!missed 1" in buttons(second)
    assert "!missed 3" not in buttons(second)


async def test_another_persons_messages_are_not_listed(room: Room):
    await room.users.meet(ANN, "Ann")
    await muted(room, 2)
    assert "Nothing was kept from you" in (await room.say("missed", who=2)).plain


async def test_a_page_there_is_not_is_refused(room: Room):
    for typed in ("0", "-1", "x", "99999999999999999999"):
        await refused(room, f"missed {typed}", "number.unreadable")
