"""The sandbox as one command: settings under which a desk lives in a world made a moment ago, swaps in any dialect."""

import json

import pytest

from bot import settings
from bot.sandbox.market import Market
from bot.sandbox.world import serve
from bot.tryout import _settings


@pytest.fixture
async def place():
    world = await serve(market=Market(invented=5, dust=0))
    yield json.loads(json.dumps(world.told()))
    await world.stop()


def read(place, folder):
    return settings.read(_settings(place, str(folder)), dotenv=folder / "none")


@pytest.mark.parametrize("dialect", ["v1", "v2", "rest"])
async def test_the_operators_credentials_are_those_of_the_dialect_asked_for(place, tmp_path, monkeypatch, dialect):
    monkeypatch.setenv("CHANGELLY_DIALECT", dialect)
    chosen = read(place, tmp_path)
    login = place["swap_login"]
    given = (chosen.changelly_api_key, chosen.changelly_secret, chosen.changelly_private_key)
    shared = (login["key"], login["secret"], "")
    assert (chosen.changelly_url, chosen.changelly_dialect) == (place["changelly"], dialect)
    assert tuple(one.reveal() for one in given) == (("", "", login["private_key"]) if dialect == "v2" else shared)


async def test_without_a_word_about_it_the_dialect_is_the_current_one(place, tmp_path, monkeypatch):
    monkeypatch.delenv("CHANGELLY_DIALECT", raising=False)
    assert read(place, tmp_path).changelly_dialect == "v2"


async def test_nothing_of_the_owners_own_desk_comes_along(place, tmp_path, monkeypatch):
    for name in ("CHANGELLY_API_KEY", "CHANGELLY_SECRET", "CHANGELLY_SECRET_FILE", "CHANGELLY_URL", "BOT_TOKEN"):
        monkeypatch.setenv(name, "https://live.example")
    assert "https://live.example" not in _settings(place, str(tmp_path)).values()


async def test_a_dialect_that_is_none_is_a_fault_of_the_settings(place, tmp_path, monkeypatch):
    monkeypatch.setenv("CHANGELLY_DIALECT", "v3")
    with pytest.raises(settings.SettingsError, match="CHANGELLY_DIALECT"):
        read(place, tmp_path)
