"""First words, settings, questions, access: what a person does that is not about prices."""

import pytest

from bot.sandbox.telegram import Seen
from tests.desk import PATIENCE_S, Desk, World, answered, answers, asked, card, pressed

pytestmark = pytest.mark.usefixtures("desk")


async def test_start_says_hello_with_buttons_that_all_work(world: World):
    hello = await asked(world.alice, "/start")
    assert "@desk123456_bot" in hello.text
    for label in hello.labels:
        assert "not know" not in (await pressed(world.alice, hello, label)).text


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("price_btc", "Bitcoin"), ("cap_eth", "Fully diluted"), ("help", "/price"), ("chart_btc_7d", "7 days"),
        ("alert_btc", "When shall I tell you?"), ("alert_btc_1000000", "When shall I tell you?"),
        ("swap_btc_eth_0x28C6", "approved users"),
    ],
)  # fmt: skip
async def test_a_deep_link_opens_what_it_names(world: World, link, shown):
    world.alice.open_link(link)
    assert shown in (await answered(world.alice)).text


async def test_a_deep_link_changes_nothing(world: World, desk: Desk):
    for link in ("watch_btc", "promote_1001", "access_ask", "settings_language_zh", "block_1001", "nonsense", "_"):
        world.alice.open_link(link)
        assert "@desk123456_bot" in (await answered(world.alice)).text
    user = await desk.app.services.users.get(world.alice.id)
    assert (user.watch, user.language, user.standing) == ((), "", "stranger")


async def test_help_lists_the_commands_and_explains_each(world: World):
    overview = await asked(world.alice, "/help")
    assert "/users" not in overview.text
    assert "/users" in (await asked(world.admin, "/h")).text
    for name in ("price", "cap", "chart", "calc", "export", "watch", "settings", "access", "cancel", "start"):
        assert f"/{name}" in overview.text
        assert f"/{name}" in (await asked(world.alice, f"/help /{name}")).text


async def test_menus_are_set_in_each_language_and_the_admin_has_his_own(world: World, desk: Desk):
    await asked(world.admin, "/start")
    await desk.restart()
    await asked(world.admin, "/start")
    names = [entry["command"] for entry in world.alice.menu()]
    assert names[:2] == ["price", "cap"] or "price" in names
    assert "users" not in names
    assert "users" in [entry["command"] for entry in world.admin.menu()]
    english, chinese = world.alice.menu()[0], world.bob.menu()[0]
    assert english["command"] == chinese["command"]
    assert english["description"] != chinese["description"]


async def test_a_mistyped_command_is_put_right_by_a_button(world: World):
    answer = await asked(world.alice, "/setings")
    assert answer.labels[0] == "/settings"
    assert "Time zone" in (await pressed(world.alice, answer, "/settings")).text


async def test_the_language_is_changed_by_a_button_and_kept(world: World, desk: Desk):
    settings = await asked(world.alice, "/settings")
    saved = await pressed(world.alice, settings, "中文")
    assert "中文" in saved.text
    await desk.restart()
    assert any("一" <= sign <= "龥" for sign in (await asked(world.alice, "/help")).text)


async def test_the_question_for_the_zone_outlives_a_restart(world: World, desk: Desk):
    await asked(world.alice, "/settings zone")
    await desk.restart()
    assert "Europe/Berlin" in (await asked(world.alice, "berlin")).text
    assert card("BTC")(await asked(world.alice, "btc"))


async def test_a_command_between_does_not_answer_the_question(world: World):
    await asked(world.alice, "/settings zone")
    assert card("BTC")(await asked(world.alice, "/price btc"))
    assert "Asia/Tokyo" in (await asked(world.alice, "Tokyo")).text


async def test_a_wrong_answer_leaves_the_question_open(world: World):
    await asked(world.alice, "/settings zone")
    assert "atlantis" in (await asked(world.alice, "atlantis")).text
    assert "Asia/Tokyo" in (await asked(world.alice, "tokyo")).text


async def test_cancel_leaves_the_question_and_says_so_where_there_is_none(world: World):
    await asked(world.alice, "/settings zone")
    await asked(world.alice, "/cancel")
    assert card("BTC")(await asked(world.alice, "btc"))
    assert "nothing" in (await asked(world.alice, "/cancel")).text


async def test_access_is_asked_for_granted_and_told(world: World):
    alice, admin = world.alice, world.admin
    await asked(admin, "/start")
    alice.send("/access ask")
    assert "admins have been asked" in (await answered(alice)).text
    asks = await admin.wait(lambda message: str(alice.id) in message.text, timeout_s=PATIENCE_S)
    alice.send("/access ask")
    await answered(alice)
    decided = await pressed(admin, asks, "✅ Let in")
    assert decided.id == asks.id
    assert "member" in decided.text
    await alice.wait(lambda message: "have access" in message.text, timeout_s=PATIENCE_S)
    assert "full access" in (await asked(alice, "/access")).text
    assert sum(str(alice.id) in message.text for message in admin.messages()) == 1
    assert "member" in (await asked(admin, "/users")).text


async def test_who_is_blocked_hears_of_it_and_then_nothing(world: World, desk: Desk):
    alice = world.alice
    await asked(alice, "/start")
    await asked(world.admin, f"/block {alice.id}")
    await alice.wait(lambda message: "closed" in message.text, timeout_s=PATIENCE_S)
    alice.send("/price btc")
    await desk.settled()
    assert answers(alice) == []
    await asked(world.admin, f"/letin {alice.id}")
    await alice.wait(lambda message: "have access" in message.text, timeout_s=PATIENCE_S)
    assert card("BTC")(await asked(alice, "/price btc"))


async def test_only_an_admin_decides_who_comes_in(world: World):
    await asked(world.bob, "/start")
    for typed in ("/users", "/letin 1002", "/block 1002", "/block 1001"):
        assert "admins only" in (await asked(world.alice, typed)).text
    assert card("BTC")(await asked(world.bob, "btc"))


async def test_a_forged_press_does_no_more_than_typing_could(world: World):
    message = await asked(world.alice, "/start")
    forged = {"id": "9", "from": world.alice.user.wire, "message": message.wire, "chat_instance": "1"}
    world.telegram.inject({"callback_query": {**forged, "data": "block 1002"}})
    assert "admins only" in (await world.alice.wait(lambda m: m.n > message.n)).text


async def test_an_admin_is_not_blocked_by_another(world: World):
    assert "admins" in (await asked(world.admin, f"/block {world.admin.id}")).text
    assert card("BTC")(await asked(world.admin, "btc"))


async def test_a_first_time_person_has_a_price_after_one_tap_in_his_language(world: World):
    for language, word in (("en", "Data:"), ("zh-hans", "数据")):
        person = world.stranger(language)
        hello = await asked(person, "/start")
        assert len(hello.labels) == 4  # three ways in, and the way to be let in
        prices = await pressed(person, hello, hello.labels[0])
        assert "BTC" in prices.text
        assert word in prices.text


async def test_who_may_not_is_told_his_number_and_asks_by_a_button(world: World):
    stranger = world.stranger()
    hello = await asked(stranger, "/start")
    closed = await pressed(stranger, hello, "🔑 Connect exchange")
    assert str(stranger.id) in closed.text
    assert "admins have been asked" in (await pressed(stranger, closed, "✋ Ask for access")).text


async def test_an_owner_makes_an_admin_whose_menu_and_rights_follow_and_end(world: World, desk: Desk):
    alice, admin = world.alice, world.admin
    await asked(alice, "/start")
    await asked(admin, "/start")
    people = await asked(admin, "/users")
    person = await pressed(admin, people, alice.user.first_name)
    question = await pressed(admin, person, "🔑 Make admin")
    await pressed(admin, question, "🔑 Make admin")
    await alice.wait(lambda message: "You are an admin" in message.text, timeout_s=PATIENCE_S)
    await desk.app.menus.tell()
    assert "users" in [entry["command"] for entry in alice.menu()]
    assert "Make admin" not in " ".join((await asked(alice, f"/person {world.bob.id}")).labels)
    assert "owners alone" in (await asked(alice, f"/promote {admin.id}")).text
    await desk.restart()
    assert "people" in (await asked(alice, "/users")).text
    assert "No longer admin" in " ".join((await asked(admin, f"/person {alice.id}")).labels)
    await asked(admin, f"/demote {alice.id}")
    await alice.wait(lambda message: "no longer an admin" in message.text, timeout_s=PATIENCE_S)
    await desk.app.menus.tell()
    assert "users" not in [entry["command"] for entry in alice.menu()]
    assert "admins only" in (await asked(alice, "/users")).text
    assert "let" not in (await asked(alice, "/audit")).text
    whole = (await asked(admin, "/audit all")).text
    assert "made an admin" in whole
    assert "no longer an admin" in whole


async def test_from_a_group_a_button_leads_into_the_private_chat_with_the_line(world: World):
    group = world.telegram.add_group("Coffee", ["alice"])
    shown = await asked(world.alice, "/price btc", chat=group)
    assert [url for url in urls(shown) if "start=alert_BTC" in url]
    refused = await asked(world.alice, "/alert btc", chat=group)
    (url,) = urls(refused)
    world.alice.open_link(url.partition("start=")[2])
    assert "When shall I tell you?" in (await answered(world.alice)).text


def urls(message: Seen) -> list[str]:
    rows = message.wire["reply_markup"]["inline_keyboard"]
    return [button["url"] for row in rows for button in row if "url" in button]


@pytest.mark.usefixtures("desk")
async def test_who_has_chosen_no_language_is_told_in_the_one_of_his_telegram(world: World):
    guest = world.stranger("zh-hans")
    assert "我发给您的内容" in (await asked(guest, "/subscribe")).text
