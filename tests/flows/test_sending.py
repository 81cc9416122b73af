"""A reply on its way to a real server: what Telegram will not have is sent in a way it will."""

from collections.abc import AsyncIterator

import pytest

from bot.domain.notices import Address
from bot.domain.replies import Button, Document, Picture, Reply
from bot.telegram.api import BotApi
from bot.telegram.sending import Gone, Later, Moved, Rejected, Sender, Sent, Uncertain
from bot.telegram.transport import Transport
from tests.desk import TOKEN, World

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d494844520000000100000001080600000"
    "01f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@pytest.fixture
async def sender(world: World) -> AsyncIterator[Sender]:
    world.alice.send("/start")
    transport = Transport()
    yield Sender(BotApi(transport, world.telegram.url, TOKEN))
    await transport.shutdown()


def last(world: World) -> str:
    return world.alice.messages()[-1].text


async def send(sender: Sender, world: World, reply: Reply, **address: int):
    return await sender.send(Address(world.alice.id, **address), reply)


@pytest.mark.parametrize("markup", ["<b>open", "a < b", "<script>x</script>", "x</b>"])
async def test_markup_that_cannot_be_read_is_sent_plain(world: World, sender: Sender, markup: str):
    assert isinstance(await send(sender, world, Reply(markup)), Sent)
    assert "<b>" not in last(world)
    assert sender.counts["plain"] == 1


@pytest.mark.parametrize("markup", ["<b>open", "a < b"])
async def test_markup_that_cannot_be_read_replaces_a_message_plain(world: World, sender: Sender, markup: str):
    first = await send(sender, world, Reply("one"))
    assert await send(sender, world, Reply(markup), edits=first.message_id) == Sent(first.message_id)
    assert (last(world), world.alice.messages()[-1].id) == (Reply(markup).plain, first.message_id)
    assert sender.counts["plain"] == 1


async def test_a_caption_that_cannot_be_read_replaces_one_plain(world: World, sender: Sender):
    first = await send(sender, world, Reply("one", picture=Picture(PNG)))
    second = await send(sender, world, Reply("<b>two", picture=Picture(PNG)), edits=first.message_id)
    assert (last(world), second) == ("two", Sent(first.message_id))


async def test_sound_markup_is_not_sent_plain(world: World, sender: Sender):
    assert isinstance(await send(sender, world, Reply("<b>fat</b> &amp; thin")), Sent)
    assert last(world) == "fat & thin"
    assert sender.counts["plain"] == 0


async def test_a_text_too_long_is_cut_and_says_so(world: World, sender: Sender):
    assert isinstance(await send(sender, world, Reply("<b>" + "x" * 5000 + "</b>")), Sent)
    assert len(last(world)) == 4096
    assert last(world).endswith("…")


async def test_a_text_too_long_of_signs_that_count_twice_is_cut_too(world: World, sender: Sender):
    assert isinstance(await send(sender, world, Reply("🚀" * 3000)), Sent)
    assert last(world).endswith("…")


async def test_a_text_that_just_fits_is_whole(world: World, sender: Sender):
    assert isinstance(await send(sender, world, Reply("x" * 4096)), Sent)
    assert last(world) == "x" * 4096


@pytest.mark.parametrize("media", [{"picture": Picture(PNG)}, {"document": Document(b"a,b", "t.csv")}])
async def test_a_caption_too_long_does_not_keep_the_file_back(world: World, sender: Sender, media):
    assert isinstance(await send(sender, world, Reply("y" * 2000, **media)), Sent)
    assert len(last(world)) == 1024
    assert world.alice.messages()[-1].file is not None


async def test_a_message_that_is_gone_is_not_edited_but_sent_anew(world: World, sender: Sender):
    first = await send(sender, world, Reply("one"))
    world.alice.delete(first.message_id)
    second = await send(sender, world, Reply("two"), edits=first.message_id)
    assert (last(world), second.message_id) == ("two", world.alice.messages()[-1].id)


async def test_an_edit_that_changes_nothing_is_done(world: World, sender: Sender):
    first = await send(sender, world, Reply("one"))
    assert await send(sender, world, Reply("one"), edits=first.message_id) == Sent(first.message_id)


async def test_a_text_does_not_replace_a_picture_but_follows_it(world: World, sender: Sender):
    first = await send(sender, world, Reply("see", picture=Picture(PNG)))
    outcome = await sender.send(Address(world.alice.id, 0, first.message_id), Reply("words"), over_media=True)
    assert outcome.message_id != first.message_id
    assert last(world) == "words"


async def test_a_question_that_was_deleted_is_answered_all_the_same(world: World, sender: Sender):
    assert isinstance(await send(sender, world, Reply("answer"), reply_to=9999), Sent)


async def test_what_came_of_it_is_told(world: World, sender: Sender):
    faults, alice = world.telegram.tg.faults, world.alice
    faults.add("retry_after", method="sendMessage", retry_after=7)
    assert await send(sender, world, Reply("x")) == Later(7)
    for kind in ("500", "502", "html", "lost", "cut", "refused"):
        faults.add(kind, method="sendMessage")
        assert await send(sender, world, Reply("x")) == Uncertain()
    assert isinstance(await sender.send(Address(424242), Reply("x")), Gone)
    alice.block()
    assert isinstance(await send(sender, world, Reply("x")), Gone)
    group = world.telegram.add_group("Tea", ["alice"])
    moved = world.telegram.upgrade(group.id)
    assert await sender.send(Address(group.id), Reply("x")) == Moved(moved.id)
    alice.unblock()
    bad = Reply("x", ((Button("b", "d" * 65),),))
    assert isinstance(await send(sender, world, bad), Rejected)


async def test_where_nobody_listens_it_surely_did_not_arrive(world: World, sender: Sender):
    await world.telegram.stop()
    assert isinstance(await send(sender, world, Reply("x")), Later)
