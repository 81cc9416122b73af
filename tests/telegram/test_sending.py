"""What comes of a message: each outcome as Telegram makes it, and none of them an exception."""

import pytest

from bot.domain.figures import labelled
from bot.domain.notices import Address
from bot.domain.replies import Button, Document, InlineCard, InlineReply, Picture, Reply
from bot.telegram.sending import Gone, Later, Moved, Rejected, Sent, Uncertain

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc33"
    "0000000049454e44ae426082"
)


@pytest.fixture
def alice(telegram):
    return telegram.person("alice")


@pytest.fixture
def to(alice):
    return Address(alice.id)


def said(alice):
    return [message for message in alice.messages() if message.wire["from"]["is_bot"]]


async def test_a_message_arrives_with_its_markup_and_buttons(sender, alice, to):
    reply = Reply(
        "<b>1 &lt; 2</b>",
        ((Button("a", "price BTC"), Button("b", url="https://example.org/")), (Button("c", copy="text"),)),
        silent=True,
    )
    outcome = await sender.send(to, reply)
    (message,) = said(alice)
    assert outcome == Sent(message.wire["message_id"])
    assert message.text == "1 < 2"
    assert message.labels == ["a", "b", "c"]
    assert message.button("a")["callback_data"] == "price BTC"
    assert message.button("c")["copy_text"] == {"text": "text"}


@pytest.mark.parametrize(
    ("kind", "settings", "outcome"),
    [
        ("retry_after", {"retry_after": 7}, Later(7)),
        ("blocked", {}, Gone("Forbidden: bot was blocked by the user")),
        ("500", {}, Uncertain()),
        ("502", {}, Uncertain()),
        ("html", {}, Uncertain()),
        ("cut", {}, Uncertain()),
        ("lost", {}, Uncertain()),
        ("unauthorized", {}, Rejected("unauthorized")),
    ],
)
async def test_each_answer_of_telegrams_has_its_outcome(telegram, sender, to, kind, settings, outcome):
    telegram.tg.faults.add(kind, method="sendMessage", **settings)
    assert await sender.send(to, Reply("x")) == outcome
    name = labelled("telegram_sends_total", outcome=type(outcome).__name__.lower())
    assert sender.figures()[name] == 1


async def test_where_nobody_listens_nothing_was_sent(telegram, sender, to):
    await telegram.stop()
    assert isinstance(await sender.send(to, Reply("x")), Later)
    await telegram.start()


async def test_a_chat_that_never_was_is_gone(sender):
    assert isinstance(await sender.send(Address(424242), Reply("x")), Gone)


async def test_a_group_that_became_another_says_where_it_is(telegram, sender):
    group = telegram.add_group("Traders", members=["alice"])
    new = telegram.upgrade(group.id)
    assert await sender.send(Address(group.id), Reply("x")) == Moved(new.id)


@pytest.mark.parametrize("html", ["<b>open", "a < b & c", "<nosuch>x</nosuch>"])
async def test_markup_that_telegram_cannot_read_goes_plain_rather_than_never(sender, alice, to, html):
    assert isinstance(await sender.send(to, Reply(html)), Sent)
    assert len(said(alice)) == 1
    assert sender.counts["plain"] == 1


async def test_a_text_that_is_too_long_is_cut_rather_than_lost(sender, alice, to):
    assert isinstance(await sender.send(to, Reply("<b>" + "🚀" * 4000 + "</b>")), Sent)
    (message,) = said(alice)
    assert message.text.endswith("…")


async def test_an_empty_message_is_rejected_and_not_tried_in_other_ways(sender, to):
    assert isinstance(await sender.send(to, Reply("")), Rejected)
    assert sender.counts["plain"] == 0


async def test_pictures_and_documents_arrive_with_their_captions(sender, alice, to):
    assert isinstance(await sender.send(to, Reply("<i>seen</i>", picture=Picture(PNG))), Sent)
    assert isinstance(await sender.send(to, Reply("read", document=Document(b"a,b\n", "t.csv"))), Sent)
    picture, document = said(alice)
    assert picture.wire["photo"]
    assert picture.wire["caption"] == "seen"
    assert document.wire["document"]["file_name"] == "t.csv"


async def test_an_answer_takes_the_place_of_a_message(sender, alice, to):
    first = await sender.send(to, Reply("one"))
    there = Address(alice.id, 0, first.message_id)
    assert await sender.send(there, Reply("two")) == Sent(first.message_id)
    assert await sender.send(there, Reply("two")) == Sent(first.message_id)  # nothing new to say is no fault
    assert [message.text for message in said(alice)] == ["two"]


async def test_where_it_cannot_it_is_sent_anew(sender, alice, to):
    picture = await sender.send(to, Reply("seen", picture=Picture(PNG)))
    over = Address(alice.id, 0, picture.message_id)
    assert isinstance(await sender.send(over, Reply("text"), over_media=True), Sent)
    assert isinstance(await sender.send(Address(alice.id, 0, 999_999), Reply("gone")), Sent)
    assert [message.wire.get("text") for message in said(alice)] == [None, "text", "gone"]


async def test_one_picture_takes_the_place_of_another(sender, alice, to):
    first = await sender.send(to, Reply("one", picture=Picture(PNG)))
    there = Address(alice.id, 0, first.message_id)
    assert await sender.send(there, Reply("two", picture=Picture(PNG)), over_media=True) == Sent(first.message_id)
    assert [message.wire["caption"] for message in said(alice)] == ["two"]


async def test_an_answer_to_a_message_that_was_deleted_still_comes(sender, alice):
    assert isinstance(await sender.send(Address(alice.id, reply_to=999_999), Reply("x")), Sent)


async def test_a_message_of_ours_is_taken_back_and_twice_is_no_fault(sender, alice, to):
    first = await sender.send(to, Reply("one"))
    await sender.delete(alice.id, first.message_id)
    await sender.delete(alice.id, first.message_id)
    assert said(alice) == []


async def test_courtesies_never_fail(telegram, sender, alice):
    await sender.acknowledge("nosuch", "x" * 500)
    await sender.busy(424242, "typing")
    telegram.tg.faults.add("500", times=None)
    await sender.acknowledge("1")
    await sender.busy(alice.id, "typing")


async def test_inline_answers_are_for_the_one_who_asked(telegram, sender):
    card = InlineCard("BTC", "Bitcoin", "60,000", "<b>Bitcoin</b>")
    await sender.answer_inline("nosuch", InlineReply((card,)))
    (call,) = [call for call in telegram.requests if call.method == "answerInlineQuery"]
    assert call.params["is_personal"] is True
    assert call.params["cache_time"] == 15
