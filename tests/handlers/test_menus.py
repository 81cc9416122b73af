"""Command menus: each kind of chat and each language gets its own, within Telegram's bounds."""

import re

from bot.app import families
from bot.texts import Catalogue
from handlers._menus import menus
from handlers._telegram import command_table

CATALOGUE = Catalogue.load()
MENUS = menus(command_table(families()), CATALOGUE, frozenset({900, 901}))


def names(scope, language=""):
    (menu,) = [each for each in MENUS if each["scope"] == scope and each["language_code"] == language]
    return {command["command"] for command in menu["commands"]}


def test_everyone_sees_what_he_may_use_where_he_is():
    everyone, groups = names({"type": "all_private_chats"}), names({"type": "all_group_chats"})
    assert groups < everyone
    assert {"price", "chart", "settings"} <= everyone
    assert "settings" not in groups
    assert not {"users", "letin", "block", "pick"} & everyone


def test_each_admin_sees_what_only_admins_may_use():
    for admin in (900, 901):
        assert names({"type": "chat", "chat_id": admin}) > names({"type": "all_private_chats"})


def test_who_is_named_an_admin_gets_the_menu_of_admins_and_others_keep_theirs():
    later = menus(command_table(families()), CATALOGUE, frozenset({900, 901, 5}))
    his = [menu for menu in later if menu["scope"] == {"type": "chat", "chat_id": 5}]
    assert len(his) == len(CATALOGUE.languages) + 1
    assert all("users" in {command["command"] for command in menu["commands"]} for menu in his)
    assert [menu for menu in later if menu not in his] == [menu for menu in later if menu in MENUS]


def test_every_language_has_its_menus_and_the_others_get_the_default():
    assert {menu["language_code"] for menu in MENUS} == {*CATALOGUE.languages, ""}
    described = {menu["language_code"]: menu["commands"][0]["description"] for menu in MENUS}
    assert described[""] == described["en"] != described["zh"]


def test_they_are_such_as_telegram_takes():
    for menu in MENUS:
        assert 0 < len(menu["commands"]) <= 100
        for command in menu["commands"]:
            assert re.fullmatch(r"[a-z0-9_]{1,32}", command["command"])
            assert 1 <= len(command["description"]) <= 256


def test_a_menu_begins_with_what_is_asked_for_most():
    for scope in ({"type": "all_private_chats"}, {"type": "all_group_chats"}, {"type": "chat", "chat_id": 900}):
        (menu,) = [each for each in MENUS if each["scope"] == scope and not each["language_code"]]
        assert [command["command"] for command in menu["commands"]][:4] == ["price", "cap", "chart", "calc"]
