"""What is late, muted, put off or for nobody: told as one, listed, told in the morning; and never what needs an act."""

from datetime import time

import pytest

from bot.delivery import catching_up
from bot.domain.notices import Address, Lane
from bot.domain.replies import Reply
from bot.domain.telling import Loudness, Quiet, Topic
from tests.delivery.conftest import House

LATE_S = catching_up.LATE_MS / 1000 + 1
HOUR_S = 3600
NOW_QUIET = Quiet(time(11), time(13))
"""The house's clock stands at noon, UTC."""
HELD = Quiet(time(11), time(13), holds=True)


async def alerts(house: House, *names: str) -> None:
    for name in names:
        await house.tell(name, "alert_fired")


async def missed(house: House) -> list[tuple[str, str]]:
    rows, _ = await house.store.read(lambda tx: tx.late.missed(house.alice.id, 100, 0))
    return [(row.cause, row.state) for row in rows]


# --- digests ----------------------------------------------------------------------------------------------------------


async def test_after_an_outage_a_burst_is_one_message_oldest_first(house: House):
    house.telegram.down()
    await alerts(house, "a", "b", "c", "d")
    await house.once()
    house.clock.advance(LATE_S)
    house.telegram.down(down=False)
    await house.once()
    assert house.said() == ["digest\na\nb\nc\nd"]
    assert await missed(house) == [(name, "digested") for name in "dcba"]
    assert await house.store.read(lambda tx: tx.outbox.count_waiting()) == 0


async def test_two_late_messages_come_by_themselves_and_say_so(house: House):
    await alerts(house, "a", "b")
    house.clock.advance(LATE_S)
    await house.once()
    assert house.said() == ["a late ?", "b late ?"]


async def test_what_is_not_late_is_never_gathered(house: House):
    await alerts(house, "a", "b", "c")
    house.clock.advance(LATE_S - 2)
    await house.once()
    assert house.said() == ["a ?", "b ?", "c ?"]


async def test_what_needs_an_act_stays_a_message_of_its_own_and_loud(house: House):
    await alerts(house, "a", "b", "c")
    await house.tell("frozen", "say", Lane.MONEY)
    await house.tell("rejected", "order_ended", Lane.MONEY, state="rejected")
    house.clock.advance(LATE_S)
    await house.once()
    assert sorted(house.said()) == sorted(["digest\na\nb\nc", "frozen late ?", "rejected late ?"])
    assert all(house.sounds())


async def test_an_order_that_was_filled_is_gathered(house: House):
    await alerts(house, "a", "b")
    await house.tell("filled", "order_ended", Lane.MONEY, state="filled")
    house.clock.advance(LATE_S)
    await house.once()
    assert house.said() == ["digest\na\nb\nfilled"]


async def test_in_a_long_outage_one_digest_grows(house: House):
    house.telegram.down()
    for names in ("abc", "d", "ef"):
        await alerts(house, *names)
        house.clock.advance(LATE_S)
        await house.once()
    house.telegram.down(down=False)
    house.clock.advance(LATE_S)
    await house.once()
    assert house.said() == ["digest\na\nb\nc\nd\ne\nf"]


async def test_a_digest_is_bounded_to_the_latest_and_tells_how_many_there_were(house: House):
    names = [f"n{number:02}" for number in range(catching_up.MOST_LINES + 7)]
    await alerts(house, *names)
    house.clock.advance(LATE_S)
    await house.once()
    assert house.said() == ["\n".join(["digest", *names[7:]])]
    assert len(await missed(house)) == len(names)


async def test_edits_are_no_lines_and_only_the_newest_of_a_message_comes(house: House):
    card = (await house.sender.send(_to(house), Reply("card"))).message_id
    for number in range(4):
        await house.tell(f"e{number}", "order_ended", Lane.MONEY, edits=card, state="filled")
    house.clock.advance(LATE_S)
    await house.once()
    assert house.said() == ["e3 ?"]


async def test_what_is_late_waits_for_the_look_that_makes_one_of_it(house: House):
    await house.once()
    house.clock.advance(1)
    await house.once()
    await alerts(house, "a", "b", "c")
    await house.store.write(lambda tx: tx.outbox._db.conn.execute("UPDATE outbox SET created_at = 0").rowcount)
    await house.tell("frozen")
    await house.once()  # in the same second: none of the late ones goes, and nothing else waits for them
    assert house.said() == ["frozen ?"]
    house.clock.advance(1)
    await house.once()
    assert house.said() == ["frozen ?", "digest\na\nb\nc"]


async def test_each_reader_has_a_digest_of_his_own(house: House):
    bob = house.telegram.person("bob")
    bob.send("/start")
    for name in "abc":
        await house.tell(name, "alert_fired")
        await house.tell(f"bobs {name}", "alert_fired", chat=bob.id)
    house.clock.advance(LATE_S)
    await house.once()
    assert house.said() == ["digest\na\nb\nc"]
    assert bob.messages()[-1].text == "digest\nbobs a\nbobs b\nbobs c"


async def test_a_broadcast_is_never_gathered(house: House):
    for name in "abc":
        await house.tell(name, "alert_fired", Lane.BROADCAST)
    house.clock.advance(LATE_S)
    await house.once()
    assert sorted(house.said()) == ["a ?", "b ?", "c ?"]  # each on its own way


async def test_a_digest_that_a_kill_cut_off_is_told_again_with_all_its_lines(house: House):
    await alerts(house, "a", "b", "c")
    house.clock.advance(LATE_S)

    def begun(tx):
        catching_up.gather(tx, "UTC")
        assert tx.outbox.claim(tx.now_ms, tx.now_ms + 60_000, 10)

    await house.store.write(begun)  # and then the process was gone
    await house.store.write(lambda tx: tx.outbox.release(tx.now_ms))
    await house.once()
    assert house.said() == ["digest\na\nb\nc"]


async def test_what_comes_while_a_digest_is_on_its_way_is_not_lost_in_it(house: House):
    await alerts(house, "a", "b", "c")
    house.clock.advance(LATE_S)

    def claimed(tx):
        catching_up.gather(tx, "UTC")
        return tx.outbox.claim(tx.now_ms, tx.now_ms + 3_600_000, 10)

    (digest,) = await house.store.write(claimed)
    await alerts(house, "d", "e", "f")
    house.clock.advance(LATE_S)
    assert await house.store.write(lambda tx: catching_up.gather(tx, "UTC")) == 3
    await house.store.write(lambda tx: tx.outbox.settle(digest.id, "sent", tx.now_ms))
    await house.once()
    assert house.said() == ["digest\nd\ne\nf"]


async def test_a_line_that_was_altered_hides_no_other(house: House):
    await alerts(house, "a", "b", "c")
    alter = "UPDATE outbox SET sealed = zeroblob(60) WHERE cause = 'b'"
    await house.store.write(lambda tx: tx.outbox._db.conn.execute(alter).rowcount)
    house.clock.advance(LATE_S)
    await house.once()
    assert house.said() == ["digest\na\n?\nc"]


async def test_a_chat_that_telegram_shuts_for_an_hour_is_told_as_one_and_holds_up_no_other(house: House):
    bob = house.telegram.person("bob")
    bob.send("/start")
    house.telegram.tg.faults.add("retry_after", method="sendMessage", chat=house.alice.id, retry_after=3600)
    await alerts(house, "a", "b", "c")
    await house.tell("bobs", "alert_fired", chat=bob.id)
    await house.once()
    assert bob.messages()[-1].text == "bobs ?"
    assert house.tries() == 2  # hers is asked about once
    house.clock.advance(HOUR_S + 1)
    house.delivery = house.another()  # its own memory of the hold goes by the machine's clock
    await house.once()
    assert house.said() == ["digest\na\nb\nc"]


# --- loudness ---------------------------------------------------------------------------------------------------------


async def test_what_its_reader_turned_off_is_not_sent_and_is_listed(house: House):
    await house.meet()
    await house.wishes(lambda telling, who: telling.choose(who, Topic.ALERTS, Loudness.OFF))
    await alerts(house, "a")
    await house.tell("frozen")
    await house.once()
    assert house.said() == ["frozen Alice"]
    assert await missed(house) == [("a", "muted")]


async def test_what_was_turned_off_is_no_line_of_a_digest(house: House):
    await house.meet()
    await house.wishes(lambda telling, who: telling.choose(who, Topic.ALERTS, Loudness.OFF))
    await alerts(house, "a", "b", "c")
    for name in "def":
        await house.tell(name, "order_ended", Lane.MONEY, state="filled")
    house.clock.advance(LATE_S)
    await house.once()
    assert house.said() == ["digest\nd\ne\nf"]


async def test_a_card_shows_the_truth_also_where_its_topic_is_off(house: House):
    await house.meet()
    await house.wishes(lambda telling, who: telling.choose(who, Topic.FILLS, Loudness.OFF))
    card = (await house.sender.send(_to(house), Reply("card"))).message_id
    await house.tell("filled", "order_ended", Lane.MONEY, edits=card, state="filled")
    await house.once()
    assert house.said() == ["filled Alice"]


@pytest.mark.parametrize(("loudness", "sounds"), [(Loudness.LOUD, True), (Loudness.SILENT, False)])
async def test_it_makes_a_sound_as_its_reader_chose(house: House, loudness, sounds):
    await house.meet()
    await house.wishes(lambda telling, who: telling.choose(who, Topic.ALERTS, loudness))
    await alerts(house, "a")
    await house.once()
    assert house.sounds() == [sounds]


async def test_a_digest_of_silent_messages_makes_no_sound(house: House):
    await house.meet()
    await house.wishes(lambda telling, who: telling.choose(who, Topic.ALERTS, Loudness.SILENT))
    await alerts(house, "a", "b", "c")
    house.clock.advance(LATE_S)
    await house.once()
    assert house.sounds() == [False]


# --- quiet hours ------------------------------------------------------------------------------------------------------


async def test_in_quiet_hours_a_message_makes_no_sound_and_one_that_needs_an_act_does(house: House):
    await house.meet()
    await house.wishes(lambda telling, who: telling.choose_quiet(who, NOW_QUIET))
    await alerts(house, "a")
    await house.once()
    await house.tell("frozen")
    await house.once()
    assert house.sounds() == [False, True]


async def test_what_is_held_back_comes_when_the_hours_are_over_and_an_act_at_once(house: House):
    await house.meet()
    await house.wishes(lambda telling, who: telling.choose_quiet(who, HELD))
    await alerts(house, "a")
    await house.tell("frozen")
    await house.once()
    assert house.said() == ["frozen Alice"]
    house.clock.advance(HOUR_S - 1)
    await house.once()
    assert house.said() == ["frozen Alice"]
    house.clock.advance(1)
    await house.once()
    assert house.said() == ["frozen Alice", "a late Alice"]


async def test_what_a_night_held_back_is_one_message_in_the_morning(house: House):
    await house.meet()
    await house.wishes(lambda telling, who: telling.choose_quiet(who, HELD))
    await alerts(house, "a", "b", "c")
    await house.once()
    house.clock.advance(LATE_S)
    await house.once()
    assert house.said() == []
    house.clock.advance(HOUR_S)
    await house.once()
    assert house.said() == ["digest\na\nb\nc"]


async def test_the_hours_are_those_of_the_readers_own_zone(house: House):
    await house.meet(timezone="Asia/Tokyo")  # 21:00 there
    await house.wishes(lambda telling, who: telling.choose_quiet(who, HELD))
    await alerts(house, "a")
    await house.once()
    assert house.said() == ["a Alice"]


async def test_who_ends_his_quiet_hours_is_told_at_once(house: House):
    await house.meet()
    await house.wishes(lambda telling, who: telling.choose_quiet(who, HELD))
    await alerts(house, "a")
    await house.once()
    await house.wishes(lambda telling, who: telling.choose_quiet(who, None))
    await house.store.write(lambda tx: tx.late.bring_forward(house.alice.id, tx.now_ms))
    await house.once()
    assert house.said() == ["a Alice"]


# --- nobody there -----------------------------------------------------------------------------------------------------


async def test_who_cannot_be_reached_is_not_tried_and_told_when_he_is_back(house: House):
    await house.meet(reachable=False)
    await alerts(house, "a")
    await house.tell("frozen")
    await house.once()
    assert house.tries() == 0
    assert await missed(house) == [("frozen", "gone"), ("a", "gone")]
    await house.meet(reachable=True)
    await house.store.write(lambda tx: tx.revive(house.alice.id))
    await house.once()
    assert house.said() == ["a Alice", "frozen Alice"]


async def test_who_is_back_after_long_is_told_as_one(house: House):
    await house.meet(reachable=False)
    await alerts(house, "a", "b", "c")
    await house.once()
    house.clock.advance(LATE_S)
    await house.meet(reachable=True)
    await house.store.write(lambda tx: tx.revive(house.alice.id))
    await house.once()
    assert house.said() == ["digest\na\nb\nc"]


async def test_an_answer_is_tried_whatever_was_thought_of_its_reader(house: House):
    await house.meet(reachable=False)
    await house.tell("answer", lane=Lane.ANSWER)
    await house.once()
    assert house.said() == ["answer Alice"]


async def test_each_figure_counts_what_it_says(house: House):
    await house.meet()
    await house.wishes(lambda telling, who: telling.choose(who, Topic.FILLS, Loudness.OFF))
    await house.wishes(lambda telling, who: telling.choose_quiet(who, HELD))
    await alerts(house, "a")
    await house.tell("filled", "order_ended", Lane.MONEY, state="filled")
    await house.once()
    await house.wishes(lambda telling, who: telling.choose_quiet(who, None))
    await alerts(house, "b", "c")
    house.clock.advance(HOUR_S)
    await house.once()
    counts = {"held": 1, "muted": 1, "digested": 3, "unreachable": 0}
    assert house.delivery.figures() == {f'outbox_withheld_total{{why="{why}"}}': count for why, count in counts.items()}


def _to(house: House) -> Address:
    return Address(house.alice.id)
