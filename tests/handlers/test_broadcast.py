"""/broadcast: what an admin says and presses, from the draft to the recall, and what is refused kindly."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.broadcasts import Original, State
from bot.domain.errors import UserMistake
from bot.domain.users import User
from bot.telegram.api import Refusal
from tests.handlers.conftest import ADMIN, ANN, Room, buttons

TEXT = Original(ADMIN, 77, {"text": "Hear, hear", "entities": [{"type": "bold", "offset": 0, "length": 4}]})
PICTURE = Original(ADMIN, 78, {"photo": "file-1", "caption": "Look"})


async def say(room: Room, line: str, original: Original | None = None, replied: Original | None = None):
    """A line of the admin's, as the edge hands it over with its message."""
    call = replace(await room.call(line, ADMIN), original=original, replied=replied)
    answer = await room.commands["broadcast"].run(call)
    return answer if hasattr(answer, "html") else (await room.told())[ADMIN]


async def drafted(room: Room, original: Original = TEXT) -> tuple[str, list[str]]:
    """The draft's number, and the lines of its buttons."""
    card = await say(room, "broadcast take", original)
    lines = buttons(card)
    return lines[0].split()[-1], lines


async def of(room: Room, number: str):
    return await room.store.read(lambda tx: tx.broadcasts.get(number))


async def people(room: Room, count: int) -> None:
    await room.store.write(lambda tx: [tx.users.add(User(n, f"Person {n}"), 1) for n in range(10, 10 + count)])


async def ended(room: Room, number: str, copies: int = 0) -> None:
    """As when all copies are out."""

    def unit(tx):
        for reader in range(10, 10 + copies):
            tx.broadcasts.settle(number, reader, fate="sent", message_id=reader)
        tx.broadcasts.move(number, [State.SENDING], state=State.ENDED, ended_at=tx.now_ms)

    await room.store.write(unit)


async def test_alone_it_asks_for_the_message(room: Room):
    assert "Send me the message" in (await say(room, "broadcast", Original(ADMIN, 1, {"text": "/broadcast"}))).plain
    assert await room.services.dialogs.pending(ADMIN, ADMIN) == "broadcast take"


async def test_the_message_that_comes_is_copied_to_its_author_and_has_a_card(room: Room):
    await people(room, 2)
    card = await say(room, "broadcast take Hear, hear", TEXT)
    (copied,) = room.api.called("copyMessage")
    assert (copied["chat_id"], copied["from_chat_id"], copied["message_id"]) == (ADMIN, ADMIN, 77)
    assert "To 3 people" in card.plain
    assert [line.split()[1] for line in buttons(card)] == ["me", "go", "at", "lang", "who", "active", "sound", "cancel"]


async def test_in_answer_to_a_message_that_one_is_taken(room: Room):
    await say(room, "broadcast", Original(ADMIN, 79, {"text": "/broadcast"}), TEXT)
    assert room.api.called("copyMessage")[0]["message_id"] == 77


@pytest.mark.parametrize(
    ("original", "key"),
    [
        (Original(ADMIN, 1, {}), "broadcast.kind"),
        (Original(ADMIN, 1, {"photo": "x"}, of_album=True), "broadcast.album"),
        (Original(ADMIN, 1, {"text": "key L4rK1yDtCWekvXuE6oXD9jCYfFNV2cWRpVuPLBcCU2z8TrisoyY1"}), "broadcast.secret"),
    ],
)
async def test_what_cannot_or_must_not_be_sent_is_no_draft(room: Room, original, key):
    with pytest.raises(UserMistake) as told:
        await say(room, "broadcast take", original)
    assert told.value.key == key
    assert room.api.calls == []


async def test_what_telegram_does_not_copy_is_refused(room: Room):
    room.api.refusal = Refusal(400, "Bad Request: message can't be copied")
    with pytest.raises(UserMistake, match="unshowable"):
        await say(room, "broadcast take", TEXT)


async def test_each_part_of_the_audience_turns_through_its_ways(room: Room):
    number, _ = await drafted(room)
    seen = []
    for verb in ("lang", "lang", "lang", "who", "who", "who", "active", "active", "active", "sound", "sound"):
        await say(room, f"broadcast {verb} {number}")
        found = await of(room, number)
        audience = found.audience
        seen.append(
            {"lang": audience.language, "who": audience.role, "active": audience.active_days, "sound": found.silent}[
                verb
            ]
        )
    assert seen == ["en", "zh", "", "members", "guests", "everyone", 7, 30, 0, False, True]


async def test_sent_it_is_no_draft_any_more(room: Room):
    number, _ = await drafted(room)
    await say(room, f"broadcast go {number}")
    assert (await of(room, number)).state is State.SENDING
    await say(room, f"broadcast lang {number}")
    assert (await of(room, number)).audience.language == ""
    await say(room, f"broadcast cancel {number}")
    assert (await of(room, number)).state is State.SENDING


async def test_for_many_the_number_is_typed_and_any_other_sends_nothing(room: Room):
    await people(room, 4)
    number, _ = await drafted(room)
    assert "Type their number, 5" in (await say(room, f"broadcast go {number}")).plain
    pending = await room.services.dialogs.pending(ADMIN, ADMIN)
    for typed in ("4", "yes", "5 0", ""):
        await say(room, f"{pending} {typed}")
        assert (await of(room, number)).state is State.DRAFT
    assert "On its way to 5" in (await say(room, f"{pending} 5")).plain
    assert await room.services.dialogs.pending(ADMIN, ADMIN) == ""


async def test_it_is_scheduled_by_the_clock_that_was_named(room: Room):
    number, _ = await drafted(room)
    assert "A date, a time and a zone" in (await say(room, f"broadcast at {number}")).plain
    card = await say(room, f"broadcast at {number} 2026-11-24 09:00 europe/berlin")
    assert "Scheduled" in card.plain
    assert "Europe/Berlin" in card.plain
    found = await of(room, number)
    assert (found.state, found.due_at) == (State.SCHEDULED, 1_795_507_200_000)


async def test_also_for_many_after_the_number_is_typed(room: Room):
    await people(room, 4)
    number, _ = await drafted(room)
    await say(room, f"broadcast at {number} tomorrow 9:00 UTC")
    assert (await of(room, number)).state is State.DRAFT
    await say(room, f"{await room.services.dialogs.pending(ADMIN, ADMIN)} 5")
    assert (await of(room, number)).state is State.SCHEDULED


@pytest.mark.parametrize("words", ["2020-01-01 09:00 UTC", "2026-11-21 11:59 UTC", "soon", "25:00", "2026-13-40 09:00"])
async def test_a_time_that_is_none_or_has_passed_schedules_nothing(room: Room, words: str):
    number, _ = await drafted(room)
    with pytest.raises(UserMistake):
        await say(room, f"broadcast at {number} {words}")
    assert (await of(room, number)).state is State.DRAFT


async def test_at_its_time_it_begins_if_its_author_may_and_not_too_late(room: Room):
    for late_s, state in ((60, State.SENDING), (7 * 3600, State.MISSED)):
        number, _ = await drafted(room)
        when = room.clock.now() + timedelta(hours=1)
        await say(room, f"broadcast at {number} {when:%Y-%m-%d %H:%M} UTC")
        room.clock.advance(3600 + late_s)
        await room.services.broadcasts.start_due()
        assert (await of(room, number)).state is state


async def test_to_nobody_nothing_is_sent(room: Room):
    number, _ = await drafted(room)
    await say(room, f"broadcast who {number}")
    with pytest.raises(UserMistake, match="nobody"):
        await say(room, f"broadcast go {number}")


async def test_a_correction_is_shown_first_and_marked(room: Room):
    await people(room, 1)
    number, _ = await drafted(room)
    await say(room, f"broadcast go {number}")
    await ended(room, number, 1)
    await say(room, f"broadcast correct {number}")
    assert await room.services.dialogs.pending(ADMIN, ADMIN) == f"broadcast amend {number}"
    card = await say(room, f"broadcast amend {number} There", Original(ADMIN, 90, {"text": "There"}))
    assert room.api.called("sendMessage")[0]["text"] == "There\n\n✏️ Corrected"
    assert buttons(card)[0] == f"!broadcast correct {number} yes"
    assert (await of(room, number)).state is State.ENDED
    await say(room, f"broadcast correct {number} yes")
    assert (await of(room, number)).state is State.CORRECTING


async def test_new_words_for_a_picture_are_shown_under_it(room: Room):
    await people(room, 1)
    number, _ = await drafted(room, PICTURE)
    await say(room, f"broadcast go {number}")
    await ended(room, number, 1)
    await say(room, f"broadcast amend {number}", Original(ADMIN, 90, {"text": "Look here"}))
    shown = room.api.called("copyMessage")[-1]
    assert (shown["caption"], shown["message_id"]) == ("Look here\n\n✏️ Corrected", 5001)
    await say(room, f"broadcast correct {number} yes")
    assert (await of(room, number)).source_id == 5002


async def test_one_for_nobody_is_not_sent_when_it_is_due(room: Room):
    number, _ = await drafted(room)
    await say(room, f"broadcast who {number}")
    when = room.clock.now() + timedelta(hours=1)
    await say(room, f"broadcast at {number} {when:%Y-%m-%d %H:%M} UTC")
    room.clock.advance(3600)
    for _ in range(2):
        await room.services.broadcasts.start_due()
    assert ((await of(room, number)).state, (await of(room, number)).reason) == (State.MISSED, "nobody")


async def test_a_text_is_not_corrected_by_a_picture_nor_by_one_too_long(room: Room):
    number, _ = await drafted(room)
    await say(room, f"broadcast go {number}")
    await ended(room, number)
    for original, key in ((PICTURE, "correct_kind"), (Original(ADMIN, 1, {"text": "x" * 4090}), "too_long")):
        with pytest.raises(UserMistake, match=key):
            await say(room, f"broadcast amend {number}", original)
    assert room.api.called("sendMessage") == []


async def test_a_recall_is_asked_about_and_ends_all_else(room: Room):
    await people(room, 1)
    number, _ = await drafted(room)
    await say(room, f"broadcast go {number}")
    await ended(room, number, 1)
    assert buttons(await say(room, f"broadcast recall {number}"))[0] == f"!broadcast recall {number} yes"
    assert (await of(room, number)).state is State.ENDED
    await say(room, f"broadcast recall {number} yes")
    assert (await of(room, number)).state is State.RECALLING
    await room.store.write(lambda tx: tx.broadcasts.move(number, [State.RECALLING], state=State.ENDED))
    with pytest.raises(UserMistake, match="not_correctable"):
        await say(room, f"broadcast correct {number}")


async def test_who_was_left_when_it_was_stopped_can_still_get_it(room: Room):
    number, _ = await drafted(room)
    await say(room, f"broadcast go {number}")
    card = await say(room, f"broadcast stop {number}")
    assert "stopped by an admin" in card.plain
    assert f"!broadcast again {number} rest" in buttons(card)
    await say(room, f"broadcast again {number} rest")
    assert (await of(room, number)).state is State.SENDING


async def test_those_there_were_are_listed_without_drafts(room: Room):
    assert "No broadcast yet" in (await say(room, "broadcast list")).plain
    number, _ = await drafted(room)
    await say(room, f"broadcast go {number}")
    await drafted(room)
    assert buttons(await say(room, "broadcast list")) == [f"broadcast show {number}"]


@pytest.mark.parametrize(
    "line", ["broadcast nonsense", "broadcast show", "broadcast show 00", "broadcast go x 5 5", "broadcast plan x"]
)
async def test_a_line_that_makes_no_sense_is_answered_kindly(room: Room, line: str):
    with pytest.raises(UserMistake):
        await say(room, line)


async def test_it_is_for_admins(room: Room):
    assert room.commands["broadcast"].admin
    assert not room.commands["summary"].admin
    assert ANN != ADMIN
