"""Settings: read once, checked whole, and no secret shown."""

import json
from argparse import Namespace
from pathlib import Path

import pytest

from bot import cli, settings
from bot.settings import TABLE, Endpoint, Secret, SettingsError

TOKEN = "123456:tests-token-abcdefghijklmnopqrstuvwxyz"
PRIVATE_KEY = "308204be" + "ab" * 1210


@pytest.fixture
def read(tmp_path):
    def reader(**given):
        return settings.read(given, dotenv=tmp_path / ".env")

    return reader


def faults(read, **given):
    with pytest.raises(SettingsError) as told:
        read(**given)
    return told.value.faults


def test_nothing_given_is_the_table_of_defaults(read):
    found = read()
    assert str(found.listen) == "127.0.0.1:8080"
    assert (found.access, found.language, found.updates, found.timezone.key) == ("approval", "en", "polling", "UTC")
    assert not found.bot_token
    assert found.admin_ids == frozenset()


def test_every_fault_is_told_at_once(read):
    told = faults(
        read, BOT_TOKEN="x", ADMIN_IDS="1,x", ACCESS="all", DATABASE_URL="mysql://x", COINCODEX_URL="http://example.org",
        LANGUAGE="xx", TIMEZONE="Mars", LISTEN="80", UPDATES="webhook", PROXY_URL="ftp://x", PROXY_FOR="mail",
        LOG_LEVEL="all",
    )  # fmt: skip
    names = [fault.partition(":")[0] for fault in told]
    assert names == [
        "BOT_TOKEN", "ADMIN_IDS", "ACCESS", "COINCODEX_URL", "PROXY_URL", "PROXY_FOR", "LISTEN", "LANGUAGE", "TIMEZONE",
        "LOG_LEVEL", "DATABASE_URL", "PUBLIC_URL", "WEBHOOK_SECRET",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "url", ["https://example.org/", "http://127.0.0.1:80", "http://localhost:1/x", "http://[::1]:9"]
)
def test_an_address_is_https_or_loopback(read, url):
    assert read(COINCODEX_URL=url).coincodex_url == url.rstrip("/")


@pytest.mark.parametrize(
    "url", ["http://example.org", "http://127.0.0.1.example.org", "ftp://x", "example.org", "http://"]
)
def test_no_secret_goes_over_plain_http_to_elsewhere(read, url):
    assert len(faults(read, TELEGRAM_API_URL=url)) == 1


@pytest.mark.parametrize("url", ["sqlite:///", "sqlite://x", "postgresql://x", "x.db", "sqlite:////"])
def test_a_database_has_an_engine_and_a_name(read, url):
    assert faults(read, DATABASE_URL=url) == ["DATABASE_URL: sqlite:///path is the engine there is"]


@pytest.mark.parametrize(
    ("text", "endpoint", "shown"),
    [("127.0.0.1:0", Endpoint("127.0.0.1", 0), "127.0.0.1:0"), ("[::1]:80", Endpoint("::1", 80), "[::1]:80")],
)
def test_a_place_to_listen_is_read_and_written_back(read, text, endpoint, shown):
    assert read(LISTEN=text).listen == endpoint
    assert str(endpoint) == shown


@pytest.mark.parametrize("text", ["127.0.0.1", ":80", "h:x", "h:65536", "h:-1", "h:٨٠"])
def test_a_place_to_listen_needs_host_and_port(read, text):
    assert len(faults(read, LISTEN=text)) == 1


def secret_file(tmp_path, text, mode=0o600):
    path = tmp_path / "secret"
    path.write_text(text)
    path.chmod(mode)
    return str(path)


@pytest.mark.parametrize("name", [setting.name for setting in TABLE if setting.secret and setting.name != "VAULT_KEY"])
def test_every_secret_can_be_a_file(read, tmp_path, name):
    special = {"BOT_TOKEN": TOKEN, "PROXY_URL": "socks5://u:p@127.0.0.1:1", "CHANGELLY_PRIVATE_KEY": PRIVATE_KEY}
    value = special.get(name, "abcdef")
    others = {"CHANGELLY_PRIVATE_KEY": PRIVATE_KEY} if name in {"CHANGELLY_API_KEY", "CHANGELLY_SECRET"} else {}
    found = read(**{f"{name}_FILE": secret_file(tmp_path, value + "\n")}, **others)
    assert getattr(found, name.lower()).reveal() == value


def test_a_secret_file_others_can_read_is_refused(read, tmp_path):
    assert "chmod 600" in faults(read, BOT_TOKEN_FILE=secret_file(tmp_path, TOKEN, 0o604))[0]


def test_a_secret_given_twice_or_nowhere_is_a_fault(read, tmp_path):
    assert "keep one" in faults(read, BOT_TOKEN=TOKEN, BOT_TOKEN_FILE=secret_file(tmp_path, TOKEN))[0]
    assert "FileNotFoundError" in faults(read, BOT_TOKEN_FILE=str(tmp_path / "none"))[0]


def test_no_secret_is_ever_shown(read, tmp_path):
    given = {
        "BOT_TOKEN": TOKEN,
        "VAULT_KEY": "hidden-key",
        "WEBHOOK_SECRET": "hidden-word",
        "PROXY_URL": "http://u:hidden@h:1",
        "CHANGELLY_API_KEY": "hidden-changelly",
        "CHANGELLY_SECRET": "hidden-changelly-secret",
        "CHANGELLY_PRIVATE_KEY": PRIVATE_KEY,
    }
    found = read(**given)
    shown = repr(found) + str(settings.shown(given, dotenv=tmp_path / "none"))
    assert "hidden" not in shown
    assert TOKEN not in shown
    assert PRIVATE_KEY not in shown
    assert str(Secret("x")) == "Secret(****)" != str(Secret(""))
    assert set(found.secrets()) == set(given.values())
    wrong = faults(read, BOT_TOKEN="hidden", WEBHOOK_SECRET="hid den", PROXY_URL="hidden:1")
    assert "hid" not in "".join(wrong)


def test_a_file_beside_the_process_is_read_and_the_environment_wins(read, tmp_path):
    (tmp_path / ".env").write_text("# one\nexport LANGUAGE='zh'\nTIMEZONE=\"Asia/Tokyo\"\nACCESS=open\nnonsense\n")
    found = read(ACCESS="list")
    assert (found.language, found.timezone.key, found.access) == ("zh", "Asia/Tokyo", "list")


def test_a_proxy_is_for_whom_it_was_meant(read):
    found = read(PROXY_URL="http://127.0.0.1:1", PROXY_FOR="telegram")
    assert (found.proxy("telegram"), found.proxy("coincodex")) == ("http://127.0.0.1:1", None)


@pytest.mark.parametrize(
    ("dialect", "given", "missing"),
    [
        ("v2", {}, []),
        ("v2", {"CHANGELLY_PRIVATE_KEY": PRIVATE_KEY}, []),
        ("v2", {"CHANGELLY_API_KEY": "k", "CHANGELLY_SECRET": "s"}, ["CHANGELLY_PRIVATE_KEY"]),
        ("v1", {"CHANGELLY_API_KEY": "k", "CHANGELLY_SECRET": "s"}, []),
        ("v1", {"CHANGELLY_API_KEY": "k"}, ["CHANGELLY_SECRET"]),
        ("rest", {"CHANGELLY_SECRET": "s"}, ["CHANGELLY_API_KEY"]),
        ("rest", {"CHANGELLY_PRIVATE_KEY": PRIVATE_KEY}, ["CHANGELLY_API_KEY", "CHANGELLY_SECRET"]),
    ],
)
def test_changelly_has_all_its_dialect_signs_with_or_nothing(read, dialect, given, missing):
    expected = [f"{name}: needed with CHANGELLY_DIALECT={dialect}" for name in missing]
    if expected:
        assert faults(read, CHANGELLY_DIALECT=dialect, **given) == expected
    else:
        assert read(CHANGELLY_DIALECT=dialect, **given).changelly_dialect == dialect


@pytest.mark.parametrize("key", ["308204be", "-----BEGIN PRIVATE KEY-----", "30" + "zz" * 1210, "31" + "ab" * 1210])
def test_what_cannot_be_a_private_key_is_refused_unseen(read, key):
    (fault,) = faults(read, CHANGELLY_PRIVATE_KEY=key)
    assert fault.startswith("CHANGELLY_PRIVATE_KEY: is not")
    assert key not in fault


SOUND = json.loads((Path(__file__).parent / "providers" / "swaps" / "vectors.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("key", "code"), [(SOUND["private_key"], 0), (PRIVATE_KEY, cli.CONFIGURATION)])
def test_check_tells_of_a_private_key_that_cannot_sign(tmp_path, monkeypatch, capsys, key, code):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHANGELLY_PRIVATE_KEY", key)
    assert cli.check(Namespace()) == code
    said = capsys.readouterr()
    assert ("CHANGELLY_PRIVATE_KEY: is not" in said.err) == bool(code)
    assert key not in said.out + said.err


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"VAULT_KEY": "zzz"}, "VAULT_KEY is not base64"),
        ({"VAULT_KEY_FILE": "nowhere"}, "nowhere cannot be read"),
        ({"VAULT_KEY": "c2hvcnQ="}, "VAULT_KEY"),
    ],
)
def test_check_tells_of_a_vault_key_that_is_none(tmp_path, monkeypatch, capsys, given, fault):
    monkeypatch.chdir(tmp_path)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert cli.check(Namespace()) == cli.CONFIGURATION
    assert fault in capsys.readouterr().err
