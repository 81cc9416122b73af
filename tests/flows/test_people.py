"""First words, settings, questions, access: what a person does that is not about prices."""

import pytest

from tests.desk import PATIENCE_S, Desk, World, answered, answers, asked, card, pressed

pytestmark = pytest.mark.usefixtures("desk")


async def test_start_says_hello_with_buttons_that_all_work(world: World):
    hello = await asked(world.alice, "/start")
    assert "@desk123456_bot" in hello.text
    for label in hello.labels:
        assert "not know" not in (await pressed(world.alice, hello, label)).text


@pytest.mark.parametrize(
    ("link", "shown"), [("price_btc", "Bitcoin"), ("cap_eth", "Fully diluted"), ("help", "/price")]
)
async def test_a_deep_link_opens_what_it_names(world: World, link, shown):
    world.alice.open_link(link)
    assert shown in (await answered(world.alice)).text


async def test_a_deep_link_changes_nothing(world: World, desk: Desk):
    for link in ("watch_btc", "access_ask", "settings_language_zh", "block_1001", "nonsense", "_"):
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
