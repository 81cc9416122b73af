"""What bots send, edit and delete, and what Telegram refuses."""

import io
from typing import Any

import aiohttp
import pytest
from standin_api import Api, picture

from bot.sandbox.telegram import Person, TelegramStandIn


async def upload(
    api: Api, method: str, fields: dict[str, str], **files: tuple[str, bytes]
) -> tuple[int, dict[str, Any]]:
    form = aiohttp.FormData(fields)
    for name, (filename, data) in files.items():
        form.add_field(name, io.BytesIO(data), filename=filename)
    async with api.session.post(api.at(method), data=form) as answer:
        return answer.status, await answer.json()


@pytest.mark.parametrize("way", ["query", "form", "json", "multipart"])
async def test_parameters_are_read_in_every_way_telegram_takes_them(
    api: Api, alice: Person, session: aiohttp.ClientSession, way: str
) -> None:
    fields = {"chat_id": "1001", "text": "<b>é + & 100%</b>", "parse_mode": "HTML"}
    fields["text"] = fields["text"].replace("&", "&amp;")
    multipart = aiohttp.FormData(fields)
    multipart.add_field("unused", b"x", filename="x")
    sent = {
        "query": {"params": fields},
        "form": {"data": fields},
        "json": {"json": fields},
        "multipart": {"data": multipart},
    }
    async with session.post(api.at("sendMessage"), **sent[way]) as answer:
        assert answer.status == 200
    [message] = [m for m in alice.messages() if m.wire["from"]["is_bot"]]
    assert message.text == "é + & 100%"
    assert message.wire["entities"] == [{"type": "bold", "offset": 0, "length": 10}]


async def test_a_sent_message_stands_in_the_chat_with_its_buttons(api: Api, alice: Person) -> None:
    keyboard = {
        "inline_keyboard": [[{"text": "Go", "callback_data": "go"}], [{"text": "Site", "url": "https://a.org"}]]
    }
    sent = await api.fine("sendMessage", chat_id=1001, text="hi", reply_markup=keyboard)
    seen = await alice.wait()
    assert seen.wire == sent
    assert seen.labels == ["Go", "Site"]
    assert sent["chat"] == {"id": 1001, "type": "private", "first_name": "Alice", "username": "alice"}


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": " \n"}, "message text is empty"),
        ({"text": "<b> </b>", "parse_mode": "HTML"}, "text must be non-empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "😀" * 2049}, "message is too long"),
        (
            {"text": "<b>x", "parse_mode": "HTML"},
            "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
        ({"text": "x", "parse_mode": "BBCode"}, "unsupported parse_mode"),
        ({"text": "x", "chat_id": ""}, "chat_id is empty"),
        ({"text": "x", "chat_id": 99}, "chat not found"),
        ({"text": "x", "chat_id": "@nobody"}, "chat not found"),
        ({"text": "x", "reply_parameters": {"message_id": 77}}, "message to be replied not found"),
        ({"text": "x", "reply_markup": "{"}, "can't parse reply keyboard markup JSON object"),
    ],
)
async def test_bad_messages_are_refused_in_telegrams_words(
    api: Api, alice: Person, params: dict[str, Any], words: str
) -> None:
    before = len(alice.messages())
    assert await api.refused("sendMessage", **{"chat_id": 1001, **params}) == (400, f"Bad Request: {words}")
    assert len(alice.messages()) == before


@pytest.mark.usefixtures("alice")
async def test_tags_do_not_count_toward_the_length(api: Api) -> None:
    sent = await api.fine("sendMessage", chat_id=1001, text=f"<b>{'x' * 4096}</b>", parse_mode="HTML")
    assert len(sent["text"]) == 4096


UNPARSED = "can't parse inline keyboard button"


def rows(*rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"inline_keyboard": list(rows)}


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        (rows([{"text": "x", "callback_data": "é" * 33}]), "BUTTON_DATA_INVALID"),
        (rows([{"text": "x"}]), f"{UNPARSED}: Text buttons are unallowed in the inline keyboard"),
        (
            rows([{"text": "x", "url": "http://localhost/x"}]),
            "inline keyboard button URL 'http://localhost/x' is invalid: Wrong HTTP URL",
        ),
        (rows([{"text": "x", "copy_text": {"text": "y" * 257}}]), "BUTTON_COPY_TEXT_INVALID"),
        (rows([{"callback_data": "x"}]), f'{UNPARSED}: Can\'t find field "text"'),
        (rows(*[[{"text": "x", "callback_data": "x"}]] * 101), "reply markup is too long"),
        (rows([{"text": "x", "callback_data": "x"}] * 9), "reply markup is too long"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("alice")
async def test_bad_keyboards_are_refused(api: Api, markup: dict[str, Any], words: str) -> None:
    refusal = await api.refused("sendMessage", chat_id=1001, text="x", reply_markup=markup)
    assert refusal == (400, f"Bad Request: {words}")


@pytest.mark.usefixtures("alice")
async def test_keyboards_at_the_limit_pass(api: Api) -> None:
    full = rows(*[[{"text": "x", "callback_data": "é" * 32}] * 5] * 20)
    assert (await api.fine("sendMessage", chat_id=1001, text="x", reply_markup=full))["reply_markup"] == full


async def test_who_has_not_started_or_has_blocked_the_bot_is_out_of_reach(api: Api, alice: Person) -> None:
    assert await api.refused("sendMessage", chat_id=1002, text="x") == (
        403, "Forbidden: bot can't initiate conversation with a user",
    )  # fmt: skip
    alice.block()
    blocked = (403, "Forbidden: bot was blocked by the user")
    assert await api.refused("sendMessage", chat_id=1001, text="x") == blocked
    [update] = await api.fine("getUpdates")
    assert update["my_chat_member"]["new_chat_member"]["status"] == "kicked"
    alice.unblock()
    await api.fine("sendMessage", chat_id=1001, text="x")


async def test_a_reply_shows_what_it_answers(api: Api, alice: Person) -> None:
    alice.send("question")
    asked = alice.messages()[-1]
    sent = await api.fine("sendMessage", chat_id=1001, text="answer", reply_to_message_id=asked.id)
    assert sent["reply_to_message"]["text"] == "question"
    lenient = {"message_id": 999, "allow_sending_without_reply": True}
    assert "reply_to_message" not in await api.fine("sendMessage", chat_id=1001, text="x", reply_parameters=lenient)


async def test_pictures_and_documents_arrive_and_can_be_fetched(api: Api, alice: Person) -> None:
    png = picture()
    status, answer = await upload(api, "sendPhoto", {"chat_id": "1001", "caption": "chart"}, photo=("c.png", png))
    assert status == 200
    photo = answer["result"]["photo"][-1]
    assert (photo["width"], photo["height"], photo["file_size"]) == (40, 30, len(png))
    assert (await alice.wait()).file == png
    status, answer = await upload(
        api, "sendDocument", {"chat_id": "1001", "document": "attach://f"}, f=("t.csv", b"a,b\n")
    )
    assert answer["result"]["document"]["file_name"] == "t.csv"
    found = await api.fine("getFile", file_id=answer["result"]["document"]["file_id"])
    async with api.session.get(f"{api.url}/file/bot{api.token}/{found['file_path']}") as body:
        assert await body.read() == b"a,b\n"
    async with api.session.get(f"{api.url}/file/bot77:no/{found['file_path']}") as body:
        assert body.status == 404


@pytest.mark.usefixtures("alice")
async def test_a_file_is_sent_again_by_its_id(api: Api) -> None:
    _, answer = await upload(api, "sendPhoto", {"chat_id": "1001"}, photo=("c.png", picture()))
    again = await api.fine("sendPhoto", chat_id=1001, photo=answer["result"]["photo"][0]["file_id"])
    assert again["photo"] == answer["result"]["photo"]
    assert (await api.refused("sendDocument", chat_id=1001, document=again["photo"][0]["file_id"]))[0] == 400


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "file must be non-empty"),
        (b"not a picture", "IMAGE_PROCESS_FAILED"),
        (picture(2, 50), "PHOTO_INVALID_DIMENSIONS"),
        (
            b"\x89PNG\r\n\x1a\n" + bytes(10 * 2**20),
            "file of size 10485768 bytes is too big for a photo; the maximum size is 10485760 bytes",
        ),
    ],
    ids=["empty", "text", "narrow", "big"],
)  # fmt: skip
@pytest.mark.usefixtures("alice")
async def test_bad_pictures_are_refused(api: Api, data: bytes, words: str) -> None:
    status, answer = await upload(api, "sendPhoto", {"chat_id": "1001"}, photo=("c.png", data))
    assert (status, answer["description"]) == (400, f"Bad Request: {words}")


@pytest.mark.usefixtures("alice")
async def test_a_document_beyond_50_mib_is_refused(api: Api) -> None:
    status, answer = await upload(api, "sendDocument", {"chat_id": "1001"}, document=("big", bytes(52 * 2**20)))
    assert (status, answer["description"]) == (413, "Request Entity Too Large")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF"])
@pytest.mark.usefixtures("alice")
async def test_the_size_of_a_picture_is_read_from_its_header(api: Api, kind: str) -> None:
    _, answer = await upload(api, "sendPhoto", {"chat_id": "1001"}, photo=("c", picture(64, 48, kind)))
    assert (answer["result"]["photo"][0]["width"], answer["result"]["photo"][0]["height"]) == (64, 48)


@pytest.mark.usefixtures("alice")
async def test_captions_are_bound_to_1024(api: Api) -> None:
    status, answer = await upload(
        api, "sendPhoto", {"chat_id": "1001", "caption": "x" * 1025}, photo=("c.png", picture())
    )
    assert (status, answer["description"]) == (400, "Bad Request: message caption is too long")
    fields = {"chat_id": "1001", "caption": f"<i>{'x' * 1024}</i>", "parse_mode": "HTML"}
    assert (await upload(api, "sendPhoto", fields, photo=("c.png", picture())))[0] == 200


@pytest.mark.usefixtures("alice")
async def test_an_album_is_one_group_of_messages(api: Api) -> None:
    media = '[{"type":"document","media":"attach://a"},{"type":"document","media":"attach://b","caption":"last"}]'
    status, answer = await upload(
        api, "sendMediaGroup", {"chat_id": "1001", "media": media}, a=("a", b"1"), b=("b", b"2")
    )
    assert status == 200
    assert len({message["media_group_id"] for message in answer["result"]}) == 1
    assert answer["result"][1]["caption"] == "last"
    assert (await api.refused("sendMediaGroup", chat_id=1001, media="[]"))[0] == 400


async def test_edits_change_the_message_and_say_when_they_do_not(api: Api, alice: Person) -> None:
    sent = await api.fine(
        "sendMessage", chat_id=1001, text="one", reply_markup=rows([{"text": "x", "callback_data": "x"}])
    )
    where = {"chat_id": 1001, "message_id": sent["message_id"]}
    edited = await api.fine("editMessageText", **where, text="two", reply_markup=sent["reply_markup"])
    assert (edited["text"], edited["reply_markup"]) == ("two", sent["reply_markup"])
    assert edited["edit_date"] >= sent["date"]
    same = await api.refused("editMessageText", **where, text="two", reply_markup=sent["reply_markup"])
    assert same[1].startswith("Bad Request: message is not modified: specified new message content and reply markup")
    assert "reply_markup" not in await api.fine("editMessageReplyMarkup", **where)
    assert (await alice.wait()).text == "two"


async def test_what_cannot_be_edited_is_refused(api: Api, alice: Person) -> None:
    alice.send("mine")
    where = {"chat_id": 1001, "message_id": alice.messages()[-1].id}
    assert await api.refused("editMessageText", **where, text="x") == (400, "Bad Request: message can't be edited")
    where["message_id"] = 999
    assert await api.refused("editMessageText", **where, text="x") == (400, "Bad Request: message to edit not found")
    _, answer = await upload(api, "sendPhoto", {"chat_id": "1001"}, photo=("c.png", picture()))
    where["message_id"] = answer["result"]["message_id"]
    words = "Bad Request: there is no text in the message to edit"
    assert (await api.refused("editMessageText", **where, text="x"))[1] == words
    assert (await api.fine("editMessageCaption", **where, caption="now"))["caption"] == "now"
    sent = await api.fine("sendMessage", chat_id=1001, text="x")
    where["message_id"] = sent["message_id"]
    words = "Bad Request: there is no caption in the message to edit"
    assert (await api.refused("editMessageCaption", **where, caption="x"))[1] == words


@pytest.mark.usefixtures("alice")
async def test_a_text_can_become_a_picture(api: Api) -> None:
    sent = await api.fine("sendMessage", chat_id=1001, text="drawing …")
    fields = {"chat_id": "1001", "message_id": str(sent["message_id"]),
              "media": '{"type":"photo","media":"attach://p","caption":"drawn"}'}  # fmt: skip
    status, answer = await upload(api, "editMessageMedia", fields, p=("p.png", picture()))
    assert status == 200
    assert "text" not in answer["result"]
    assert (answer["result"]["caption"], len(answer["result"]["photo"])) == ("drawn", 1)


async def test_deleting_takes_messages_away_and_only_once(api: Api, alice: Person, standin: TelegramStandIn) -> None:
    sent = await api.fine("sendMessage", chat_id=1001, text="x")
    where = {"chat_id": 1001, "message_id": sent["message_id"]}
    await api.fine("deleteMessage", **where)
    assert sent["message_id"] not in [message.id for message in alice.messages()]
    assert await api.refused("deleteMessage", **where) == (400, "Bad Request: message to delete not found")
    assert await api.fine("deleteMessages", chat_id=1001, message_ids=[sent["message_id"], 999])
    old = await api.fine("sendMessage", chat_id=1001, text="old")
    standin.tg.clock.advance(48 * 3600 + 1)
    where["message_id"] = old["message_id"]
    assert (await api.refused("deleteMessage", **where))[1] == "Bad Request: message can't be deleted for everyone"


@pytest.mark.usefixtures("alice")
async def test_copies_and_forwards_carry_the_content(api: Api, bob: Person) -> None:
    bob.send("/start")
    sent = await api.fine("sendMessage", chat_id=1001, text="<b>news</b>", parse_mode="HTML")
    source = {"from_chat_id": 1001, "message_id": sent["message_id"], "chat_id": 1002}
    copied = await api.fine("copyMessage", **source)
    assert bob.messages()[-1].id == copied["message_id"]
    assert bob.messages()[-1].wire["entities"] == sent["entities"]
    assert (await api.fine("forwardMessage", **source))["forward_origin"]["sender_user"]["id"] == 42
    source["message_id"] = 999
    assert (await api.refused("copyMessage", **source))[1] == "Bad Request: message to copy not found"


@pytest.mark.usefixtures("alice")
async def test_pins_reactions_and_actions_are_taken(api: Api) -> None:
    sent = await api.fine("sendMessage", chat_id=1001, text="x")
    where = {"chat_id": 1001, "message_id": sent["message_id"]}
    await api.fine("pinChatMessage", **where)
    await api.fine("setMessageReaction", **where, reaction=[{"type": "emoji", "emoji": "👍"}])
    [shown] = [
        m for m in (await api.ask_desk("history", person="alice"))["messages"] if m["message_id"] == sent["message_id"]
    ]
    assert (shown["desk"]["pinned"], shown["desk"]["reactions"]) == (True, ["👍"])
    await api.fine("unpinChatMessage", **where)
    assert (await api.refused("unpinChatMessage", **where))[0] == 400
    await api.fine("sendChatAction", chat_id=1001, action="typing")
    assert (await api.refused("sendChatAction", chat_id=1001, action="dancing"))[0] == 400


async def test_history_is_bounded_in_a_chat_and_in_all(alice: Person, standin: TelegramStandIn) -> None:
    standin.tg.history.most_in_all = 260
    for i in range(210):
        alice.send(str(i))
    assert [len(alice.messages()), alice.messages()[0].text] == [200, "10"]
    bob = standin.person("bob")
    for i in range(150):
        bob.send(str(i))
    assert len(bob.messages()) == 150
    assert len(alice.messages()) + len(bob.messages()) <= 260


async def test_files_are_bounded_in_all(api: Api, alice: Person, standin: TelegramStandIn) -> None:
    standin.tg.files.most_bytes = 2_500
    for i in range(4):
        alice.send_document(bytes([i]) * 1_000, f"{i}.bin")
    assert standin.tg.files.held <= 2_500
    ids = [message.wire["document"]["file_id"] for message in alice.messages() if "document" in message.wire]
    assert (await api.refused("getFile", file_id=ids[0]))[1] == "Bad Request: invalid file_id"
    await api.fine("getFile", file_id=ids[-1])


async def test_without_recording_nothing_is_kept_and_edits_are_trusted(session: aiohttp.ClientSession) -> None:
    standin = TelegramStandIn(tokens=["42:secret"], record=False)
    api = Api(session, await standin.start())
    try:
        standin.person("alice").send("/start")
        sent = await api.fine("sendMessage", chat_id=1001, text="x")
        edited = await api.fine("editMessageText", chat_id=1001, message_id=sent["message_id"], text="y")
        assert (sent["message_id"], edited["text"]) == (2, "y")
        assert standin.person("alice").messages() == []
    finally:
        await standin.stop()
