"""Broadcasts through everything: by reference, once to each, corrected, recalled, by the clock, and after a kill."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox.telegram import Person, Seen
from tests.desk import PATIENCE_S, Desk, World, answered, asked, eventually, pressed

pytestmark = pytest.mark.usefixtures("desk")
SETTINGS = {"BROADCAST_TYPED_ABOVE": "5"}
TEXT = "Trading rests on Sunday, 09:00 to 10:00 UTC"
PICTURE = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010806000000")


@pytest.fixture
async def desk(make_desk: Callable[..., Desk]) -> Desk:
    made = make_desk(**SETTINGS)
    await made.start()
    return made


async def met(world: World, *people: Person) -> None:
    """They have written to the desk, so it may write to them."""
    for person in (world.admin, *people):
        await asked(person, "/start")


async def drafted(world: World, text: str = TEXT) -> Seen:
    """The card of a draft of this text."""
    await asked(world.admin, "/broadcast")
    world.admin.send(text)
    return await world.admin.wait(lambda seen: "Send now" in " ".join(seen.labels), timeout_s=PATIENCE_S)


async def shows(person: Person, message: Seen, what: str) -> Seen:
    """The same message, once it says so."""

    def look() -> Seen | None:
        now = next((seen for seen in person.messages() if seen.id == message.id), None)
        return now if now and what in now.text else None

    return await eventually(look)


async def sent(world: World, text: str = TEXT) -> Seen:
    """The card of a broadcast that went out."""
    card = await drafted(world, text)
    world.admin.press(card, "📣 Send now")
    return await shows(world.admin, card, "✅ Sent")


def copies(person: Person, text: str = TEXT) -> list[Seen]:
    return [seen for seen in person.messages() if seen.text.startswith(text) and seen.wire["from"]["is_bot"]]


async def test_a_draft_is_shown_as_it_will_be_and_sent_to_everybody_once(world: World):
    stranger = world.stranger()
    await met(world, world.alice, world.bob, stranger)
    card = await drafted(world, "Look: https://example.org and /price")
    assert "To 4 people (0 muted, 0 unreachable)" in card.text
    (shown,) = copies(world.admin, "Look")
    world.admin.press(card, "📣 Send now")
    await shows(world.admin, card, "✅ Sent")
    for person in (world.alice, world.bob, stranger):
        (copy,) = copies(person, "Look")
        assert copy.wire["entities"] == shown.wire["entities"]
        assert not copy.buttons
    assert len(copies(world.admin, "Look")) == 2


async def test_a_picture_goes_by_reference_with_its_words(world: World):
    await met(world, world.alice)
    await asked(world.admin, "/broadcast")
    world.admin.send_photo(PICTURE, "A chart")
    card = await world.admin.wait(lambda seen: bool(seen.labels), timeout_s=PATIENCE_S)
    world.admin.press(card, "📣 Send now")
    await shows(world.admin, card, "✅ Sent")
    (copy,) = copies(world.alice, "A chart")
    assert copy.file == PICTURE
    assert world.calls("sendPhoto") == 0


async def test_what_cannot_be_sent_is_refused_in_words_and_the_question_stays(world: World):
    await met(world, world.alice)
    await asked(world.admin, "/broadcast")
    own = world.admin.messages()[-1].wire
    film = {"message_id": 900, "from": world.admin.user.wire, "chat": own["chat"], "date": own["date"], "video": {}}
    world.telegram.inject({"message": film})
    assert "something else" in (await world.admin.wait(lambda seen: "nothing was sent" in seen.text)).text
    world.admin.send(TEXT)
    assert "Draft" in (await world.admin.wait(lambda seen: bool(seen.labels), timeout_s=PATIENCE_S)).text


async def test_a_message_that_is_answered_is_the_draft(world: World):
    await met(world, world.alice)
    update = world.admin.say(TEXT)[1]
    await answered(world.admin)
    world.admin.send("/broadcast", reply_to=update.id)
    assert "Draft" in (await world.admin.wait(lambda seen: bool(seen.labels), timeout_s=PATIENCE_S)).text
    assert len(copies(world.admin)) == 1


async def test_what_its_author_changes_or_deletes_after_the_preview_changes_nothing(world: World):
    await met(world, world.alice)
    await asked(world.admin, "/broadcast")
    own = world.admin.say(TEXT)[1]
    card = await world.admin.wait(lambda seen: bool(seen.labels), timeout_s=PATIENCE_S)
    world.admin.edit(own.id, "Something else")
    world.admin.delete(own.id)
    world.admin.press(card, "📣 Send now")
    await shows(world.admin, card, "✅ Sent")
    assert len(copies(world.alice)) == 1


async def test_a_secret_is_no_draft_also_where_it_is_only_pointed_at(world: World):
    await met(world, world.alice)
    await asked(world.admin, "/broadcast")
    key = "Kx5e2Fq9TzR0aLmB7cVnJ8yHs3DgWpUo1iEXk6QtZ4Sb"
    world.admin.send(f"our key: {key}")
    await world.admin.wait(lambda seen: "looks like" in seen.text, timeout_s=PATIENCE_S)
    assert key not in " ".join(seen.text for seen in world.admin.messages())
    assert world.calls("copyMessage") == 0


async def test_the_audience_is_narrowed_by_language_and_the_muted_are_counted_out(world: World):
    await met(world, world.alice, world.bob)
    await asked(world.alice, "/subscribe mute")
    card = await drafted(world)
    assert "To 2 people (1 muted, 0 unreachable)" in card.text
    world.admin.press(card, "🌐 all languages")
    await shows(world.admin, card, "· en")
    world.admin.press(card, "🌐 en")
    card = await shows(world.admin, card, "To 1 person")
    world.admin.press(card, "📣 Send now")
    await shows(world.admin, card, "✅ Sent")
    assert (len(copies(world.alice)), len(copies(world.bob)), len(copies(world.admin))) == (0, 1, 1)


async def test_who_blocked_the_desk_is_counted_and_skipped_the_next_time(world: World):
    await met(world, world.alice, world.bob)
    world.telegram.tg.world.blocked.add((123456, world.bob.id))
    card = await sent(world)
    assert "Blocked: 1" in (await shows(world.admin, card, "Sent: 2")).text
    assert "1 unreachable" in (await drafted(world)).text


async def test_pressed_many_times_it_goes_out_once(desk: Desk, world: World):
    await met(world, world.alice)
    card = await drafted(world)
    for _ in range(5):
        world.admin.press(card, "📣 Send now")
    await shows(world.admin, card, "✅ Sent")
    await desk.settled()
    assert len(copies(world.alice)) == 1


async def test_tried_out_and_cancelled_it_reaches_nobody_else(desk: Desk, world: World):
    await met(world, world.alice)
    card = await drafted(world)
    await pressed(world.admin, card, "👁 Send to me")
    world.admin.press(card, "✖ Cancel broadcast")
    await shows(world.admin, card, "Cancelled")
    await asked(world.admin, f"/{card.button('📣 Send now')['callback_data'].removeprefix('!')}")
    await desk.settled()
    assert (len(copies(world.admin)), len(copies(world.alice))) == (2, 0)


async def test_for_many_people_their_number_is_typed(world: World):
    await met(world, *(world.stranger() for _ in range(6)))
    card = await drafted(world)
    world.admin.press(card, "📣 Send now")
    await shows(world.admin, card, "Type their number")
    assert "not the number" in (await asked(world.admin, "6")).text
    assert world.calls("copyMessage") == 1
    world.admin.send("7")
    await world.admin.wait(lambda seen: "On its way to 7" in seen.text, timeout_s=PATIENCE_S)
    await shows(world.admin, card, "✅ Sent")
    assert world.calls("copyMessage") == 8


async def test_who_is_no_admin_broadcasts_nothing(world: World):
    await met(world, world.alice)
    card = await drafted(world)
    line = card.button("📣 Send now")["callback_data"].removeprefix("!")
    for typed in ("/broadcast", "/broadcast list", f"/{line}", "/summary daily 09:00", "/summary all"):
        assert "admins only" in (await asked(world.alice, typed)).text.lower()
    assert world.calls("copyMessage") == 1


async def test_a_correction_stands_in_each_copy_and_says_so(world: World):
    await met(world, world.alice, world.bob)
    card = await sent(world)
    await pressed(world.admin, card, "✏️ Correct")
    world.admin.send("Trading rests on Monday instead")
    change = await world.admin.wait(lambda seen: "takes the place" in seen.text, timeout_s=PATIENCE_S)
    assert copies(world.alice)
    world.admin.press(change, "✏️ Correct 3 copies")
    await shows(world.admin, change, "Corrected: 3 · not: 0")
    (english,), (chinese,) = (copies(person, "Trading rests on Monday") for person in (world.alice, world.bob))
    assert english.text.endswith("✏️ Corrected")
    assert chinese.text.endswith("✏️ 已更正")
    assert copies(world.alice, TEXT) == []


async def test_a_recall_takes_the_copies_away_and_says_so(world: World):
    await met(world, world.alice, world.bob)
    card = await sent(world)
    question = await pressed(world.admin, card, "♻️ Recall")
    assert "48 hours" in question.text
    assert copies(world.alice)
    world.admin.press(question, "♻️ Recall from all")
    done = await shows(world.admin, card, "Recalled: 3 · not: 0")
    assert done.labels == []
    assert copies(world.alice) == copies(world.bob) == []
    assert "Ended" in (await asked(world.admin, "/broadcast list")).labels[0]


async def test_after_48_hours_a_word_stands_in_place_of_a_recalled_copy(world: World):
    await met(world, world.alice)
    card = await sent(world)
    world.telegram.tg.clock.advance(49 * 3600)
    world.admin.press(await pressed(world.admin, card, "♻️ Recall"), "♻️ Recall from all")
    await shows(world.admin, card, "Recalled: 2")
    assert copies(world.alice) == []
    assert [seen for seen in world.alice.messages() if "withdrawn" in seen.text]


async def test_a_scheduled_one_goes_out_when_it_is_due_also_after_a_restart(desk: Desk, world: World, clock):
    await met(world, world.alice)
    card = await drafted(world)
    await pressed(world.admin, card, "🗓 Schedule")
    when = datetime.now(UTC) + timedelta(hours=2)  # noqa: TID251  # the machine's own, as the stand-in's
    planned = await asked(world.admin, f"{when:%Y-%m-%d %H:%M} UTC")
    assert "Scheduled" in planned.text
    await desk.restart()
    await desk.settled()
    assert copies(world.alice) == []
    clock.advance(2 * 3600)
    await eventually(lambda: copies(world.alice))
    await asyncio.sleep(0)
    assert len(copies(world.alice)) == 1


async def test_a_source_that_is_deleted_ends_it_with_a_word(world: World):
    await met(world, world.alice)
    card = await drafted(world)
    (shown,) = copies(world.admin)
    world.admin.delete(shown)
    world.admin.press(card, "📣 Send now")
    assert "is gone" in (await shows(world.admin, card, "Ended before all had it")).text
