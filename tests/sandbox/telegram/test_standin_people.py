"""What people do and see: chats, groups, menus, buttons, inline questions."""

import pytest
from standin_api import Api, Aside

from bot.sandbox.telegram import Person, TelegramStandIn

GO = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}, {"text": "Site", "url": "https://a.org"}]]}


def test_the_world_is_furnished(standin: TelegramStandIn) -> None:
    people = [standin.person(name).user for name in ("alice", "bob", "admin")]
    assert [(user.id, user.language_code, user.admin) for user in people] == [
        (1001, "en", False), (1002, "zh-hans", False), (1003, "en", True),
    ]  # fmt: skip
    assert standin.person(1001) is standin.person("@Alice")


def test_more_people_can_be_made_but_no_one_twice(standin: TelegramStandIn) -> None:
    world = standin.tg.world
    made = world.add_person("Carol", username="carol", language_code="de")
    assert standin.person("carol").id == made.id
    for wrong in ({"person_id": 1001}, {"username": "CAROL"}, {"person_id": -4}):
        with pytest.raises(ValueError, match="taken"):
            world.add_person("Carol", **wrong)
    with pytest.raises(ValueError, match="nobody called dave"):
        standin.person("dave")


async def test_waiting_never_finds_what_was_there_before(aside: Aside, api: Api, alice: Person) -> None:
    await api.fine("sendMessage", chat_id=1001, text="old")
    alice.send("question")
    with pytest.raises(TimeoutError):
        await alice.wait(timeout_s=0.05)
    wanted = aside(alice.wait(lambda seen: "new" in seen.text))
    await api.fine("sendMessage", chat_id=1001, text="other")
    await api.fine("sendMessage", chat_id=1001, text="new")
    assert (await wanted).text == "new"


async def test_a_press_reaches_the_bot_and_its_answer_the_person(api: Api, alice: Person) -> None:
    await api.fine("sendMessage", chat_id=1001, text="x", reply_markup=GO)
    card = await alice.wait()
    pressed = alice.press(card, "Go")
    [update] = await api.fine("getUpdates", offset=pressed.update_id)
    query = update["callback_query"]
    assert (query["data"], query["from"]["id"], query["message"]["message_id"]) == ("go", 1001, card.id)
    assert query["chat_instance"]
    await api.fine("answerCallbackQuery", callback_query_id=query["id"], text="done")
    assert (await pressed.answer())["text"] == "done"


async def test_what_cannot_be_pressed_is_said(api: Api, alice: Person) -> None:
    await api.fine("sendMessage", chat_id=1001, text="x", reply_markup=GO)
    card = await alice.wait()
    for what, words in (("Stop", "no button"), ("Site", "opens https://a.org")):
        with pytest.raises(ValueError, match=words):
            alice.press(card, what)
    with pytest.raises(ValueError, match="no message 999"):
        alice.press(999, "Go")


async def test_an_old_press_cannot_be_answered(api: Api, alice: Person, standin: TelegramStandIn) -> None:
    await api.fine("sendMessage", chat_id=1001, text="x", reply_markup=GO)
    pressed = alice.press(await alice.wait(), "Go")
    too_old = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    assert await api.refused("answerCallbackQuery", callback_query_id="1") == (400, too_old)
    assert (await api.refused("answerCallbackQuery", callback_query_id=pressed.query.id, text="x" * 201))[0] == 400
    standin.tg.clock.advance(16)
    assert await api.refused("answerCallbackQuery", callback_query_id=pressed.query.id) == (400, too_old)


async def test_inline_results_are_checked_and_offered(aside: Aside, api: Api, alice: Person) -> None:
    asked = aside(alice.inline("btc"))
    [update] = await api.fine("getUpdates", timeout=5)
    query = update["inline_query"]
    assert (query["query"], query["offset"], query["chat_type"]) == ("btc", "", "sender")
    article = {"type": "article", "id": "1", "title": "BTC", "input_message_content": {"message_text": "x"}}
    for results, words in (
        ([article] * 51, "RESULTS_TOO_MUCH"),
        ([article, article], "RESULT_ID_DUPLICATE"),
        ([{**article, "id": "é" * 33}], "RESULT_ID_INVALID"),
        ([{**article, "title": ""}], "ARTICLE_TITLE_EMPTY"),
        ([{**article, "input_message_content": {"message_text": "x" * 4097}}], "message is too long"),
    ):
        assert await api.refused("answerInlineQuery", inline_query_id=query["id"], results=results) == (
            400,
            f"Bad Request: {words}",
        )
    await api.fine("answerInlineQuery", inline_query_id=query["id"], results=[article], next_offset="10")
    offer = await asked
    assert (offer.next_offset, offer.results[0]["id"]) == ("10", "1")
    with pytest.raises(ValueError, match="no result 7"):
        alice.choose(offer, "7")
    assert alice.choose(offer, "1").text == "x"
    chosen = (await api.fine("getUpdates", offset=update["update_id"] + 1))[-1]["chosen_inline_result"]
    assert (chosen["result_id"], "inline_message_id" in chosen) == ("1", False)


async def test_an_inline_question_nobody_answers_ends(alice: Person) -> None:
    with pytest.raises(TimeoutError):
        await alice.inline("btc", timeout_s=0.05)


async def test_a_deep_link_starts_the_bot(api: Api, standin: TelegramStandIn) -> None:
    bob = standin.person("bob")
    bob.open_link("price_BTC-1")
    assert (await api.fine("getUpdates"))[0]["message"]["text"] == "/start price_BTC-1"
    for wrong in ("", "a b", "x" * 65):
        with pytest.raises(ValueError, match="start parameter"):
            bob.open_link(wrong)


async def test_in_groups_bots_hear_only_what_concerns_them(api: Api, alice: Person, standin: TelegramStandIn) -> None:
    standin.add_bot("43:other", "other_bot")
    group = standin.add_group("Coins", ["alice", "bob"])
    for text in ("chatter", "/price btc", "/price@other_bot", f"hi @{standin.bot().username}"):
        alice.send(text, group)
    said = await api.fine("sendMessage", chat_id=group.id, text="who wants prices?")
    alice.send("me", group, reply_to=said["message_id"])
    updates = await api.fine("getUpdates")
    assert "my_chat_member" in updates[0]
    assert [u["message"]["text"] for u in updates[1:]] == ["/price btc", f"hi @{standin.bot().username}", "me"]
    assert standin.pending("other_bot") == 0
    with pytest.raises(ValueError, match="not in the chat"):
        standin.person("admin").send("x", group)


@pytest.mark.usefixtures("alice")
async def test_an_upgraded_group_answers_with_its_new_id(api: Api, standin: TelegramStandIn) -> None:
    group = standin.add_group("Coins", ["alice"])
    new = standin.upgrade(group.id)
    status, answer = await api.call("sendMessage", chat_id=group.id, text="x")
    assert (status, answer["description"]) == (400, "Bad Request: group chat was upgraded to a supergroup chat")
    assert answer["parameters"] == {"migrate_to_chat_id": new.id}
    assert str(new.id).startswith("-100")
    notices = [u["message"] for u in await api.fine("getUpdates") if "message" in u]
    assert [notice.get("migrate_to_chat_id") for notice in notices] == [new.id, None]
    assert notices[1]["migrate_from_chat_id"] == group.id
    await api.fine("sendMessage", chat_id=new.id, text="x")
    with pytest.raises(ValueError, match="once"):
        standin.upgrade(group.id)


async def test_menus_resolve_in_telegrams_order(api: Api, alice: Person, bob: Person, standin: TelegramStandIn) -> None:
    group = standin.add_group("Coins", ["alice", "bob"])

    async def offer(name: str, **more: object) -> None:
        await api.fine("setMyCommands", commands=[{"command": name, "description": name}], **more)

    await offer("default")
    await offer("groups", scope={"type": "all_group_chats"})
    await offer("admins", scope={"type": "all_chat_administrators"})
    await offer("chinese", scope={"type": "all_private_chats"}, language_code="zh")
    assert [alice.menu()[0]["command"], bob.menu()[0]["command"]] == ["default", "chinese"]
    assert [alice.menu(group)[0]["command"], bob.menu(group)[0]["command"]] == ["admins", "groups"]
    await offer("here", scope={"type": "chat", "chat_id": group.id})
    await offer("bob", scope={"type": "chat_member", "chat_id": group.id, "user_id": 1002})
    assert [alice.menu(group)[0]["command"], bob.menu(group)[0]["command"]] == ["here", "bob"]


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"commands": [{"command": "Price!", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ({"commands": [{"command": "a" * 33, "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ({"commands": [{"command": "a", "description": "x" * 257}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ({"commands": [{"command": "a", "description": ""}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ({"commands": [{"command": "a", "description": "x"}] * 101}, "BOT_COMMANDS_TOO_MUCH"),
        ({"commands": [], "scope": {"type": "moon"}}, "can't parse BotCommandScope: unsupported type specified"),
        ({"commands": [], "language_code": "english"}, "invalid language code specified"),
    ],
)
async def test_bad_menus_are_refused(api: Api, params: dict[str, object], words: str) -> None:
    assert await api.refused("setMyCommands", **params) == (400, f"Bad Request: {words}")


async def test_names_and_descriptions_are_kept_by_language(api: Api) -> None:
    await api.fine("setMyName", name="Desk")
    await api.fine("setMyShortDescription", short_description="短", language_code="zh")
    assert (await api.fine("getMyName", language_code="zh"))["name"] == "Desk"
    assert (await api.fine("getMyShortDescription", language_code="zh"))["short_description"] == "短"
    assert (await api.refused("setMyDescription", description="x" * 513))[0] == 400


async def test_a_person_deletes_and_cannot_edit_what_others_wrote(api: Api, alice: Person) -> None:
    await api.fine("sendMessage", chat_id=1001, text="the bot's")
    theirs = await alice.wait()
    with pytest.raises(ValueError, match="one's own"):
        alice.edit(theirs, "mine")
    alice.delete(theirs)
    where = {"chat_id": 1001, "message_id": theirs.id}
    assert (await api.refused("editMessageText", **where, text="x"))[1] == "Bad Request: message to edit not found"


def test_overlong_and_empty_messages_are_not_sent(alice: Person) -> None:
    for text, words in (("  ", "nothing to send"), ("x" * 4097, "4096")):
        with pytest.raises(ValueError, match=words):
            alice.send(text)
