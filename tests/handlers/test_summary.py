"""/summary and /subscribe: the market now and by the clock, and who gets how much of it."""

import pytest

from bot.domain.broadcasts import Audience
from bot.domain.errors import NotAllowed, UserMistake
from bot.domain.readers import Pace
from bot.domain.telling import Loudness, Topic
from tests.handlers.conftest import ADMIN, ANN, Room, buttons


async def test_now_it_tells_the_market_with_a_picture(room: Room):
    reply = await room.say("summary now")
    assert "Market summary" in reply.plain
    assert "BTC" in reply.plain
    assert "Shelf" in reply.plain
    assert reply.picture
    assert buttons(reply) == ["!summary now", "subscribe"]


async def test_an_admin_may_send_it_to_all_after_the_same_card(room: Room):
    assert "summary all" in buttons(await room.say("summary", ADMIN))
    card = await room.say("summary all", ADMIN)
    assert "Draft" in card.plain
    assert room.api.called("sendPhoto")[0]["chat_id"] == ADMIN
    number = buttons(card)[0].split()[-1]
    assert "Market summary" in (await room.say(f"broadcast me {number}", ADMIN)).plain


async def test_schedules_are_added_listed_and_dropped(room: Room):
    await room.say("summary daily 09:00 berlin", ADMIN)
    card = await room.say("summary weekly mon 9.30 Asia/Tokyo", ADMIN)
    assert "Daily at 09:00, Europe/Berlin" in card.plain
    assert "Monday at 09:30, Asia/Tokyo" in card.plain
    for line in buttons(card):
        card = await room.say(line.removeprefix("!"), ADMIN)
    assert "No summary is on the clock" in card.plain


@pytest.mark.parametrize(
    "line", ["summary daily", "summary weekly 09:00", "summary daily 25:00", "summary daily 9:00 atlantis"]
)
async def test_a_schedule_that_cannot_be_read_is_none(room: Room, line: str):
    with pytest.raises(UserMistake):
        await room.say(line, ADMIN)
    assert "No summary" in (await room.say("summary list", ADMIN)).plain


async def test_the_same_schedule_is_there_once(room: Room):
    await room.say("summary daily 09:00 UTC", ADMIN)
    with pytest.raises(UserMistake, match="same"):
        await room.say("summary daily 9:00 UTC", ADMIN)


@pytest.mark.parametrize("line", ["summary daily 09:00", "summary list", "summary drop 1", "summary all"])
async def test_schedules_are_for_admins(room: Room, line: str):
    with pytest.raises(NotAllowed):
        await room.say(line)


@pytest.mark.parametrize(
    ("line", "pace"), [("subscribe", Pace.EACH), ("subscribe weekly", Pace.WEEKLY), ("subscribe off", Pace.OFF)]
)
async def test_a_reader_chooses_how_many_he_gets(room: Room, line: str, pace: Pace):
    card = await room.say(line)
    assert (await room.store.read(lambda tx: tx.readers.get(ANN))).summary is pace
    assert [text for row in card.buttons for text in row if text.text.startswith("✓")]


async def test_fewer_is_one_a_week_then_none_and_makes_nobody_a_subscriber(room: Room):
    for paces in ([Pace.OFF], [Pace.EACH, Pace.WEEKLY, Pace.OFF, Pace.OFF]):
        for pace in paces:
            await room.say("subscribe" if pace is Pace.EACH else "subscribe fewer")
            assert (await room.store.read(lambda tx: tx.readers.get(ANN))).summary is pace


async def test_muted_for_a_day_neither_reaches_him_and_then_what_he_chose_holds(room: Room):
    await room.say("subscribe")
    assert "Muted" in (await room.say("subscribe mute")).plain

    def loudness(tx):
        wishes = tx.telling.wishes(ANN, tx.now_ms, "UTC")
        return {wishes.of(topic) for topic in (Topic.SUMMARIES, Topic.BROADCASTS)}

    assert await room.store.read(loudness) == {Loudness.OFF}
    room.clock.advance(24 * 3600 + 1)
    assert await room.store.read(loudness) == {Loudness.SILENT}


async def test_who_subscribes_while_he_is_muted_hears_of_it_again(room: Room):
    await room.say("subscribe mute")
    await room.say("subscribe")
    wishes = await room.store.read(lambda tx: tx.telling.wishes(ANN, tx.now_ms, "UTC"))
    assert wishes.of(Topic.SUMMARIES) is Loudness.SILENT


async def test_messages_of_the_admins_have_a_switch_of_their_own(room: Room):
    assert "Messages of the admins: none" in (await room.say("subscribe news off")).plain
    reach = await room.store.read(lambda tx: tx.broadcasts.reach(Audience(), tx.now_ms))
    assert (reach.people, reach.muted) == (0, 1)


@pytest.mark.parametrize("line", ["summary tomorrow", "subscribe hourly", "subscribe news maybe", "subscribe each now"])
async def test_other_words_are_answered_kindly(room: Room, line: str):
    with pytest.raises(UserMistake):
        await room.say(line)
