"""The tripwire: what is a secret sets it off, what people usually write does not."""

import hashlib
import json
import random
import secrets
import string
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers._tripwire import Secret, secret_in, secret_of

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
BASE62 = string.ascii_letters + string.digits
DICE = random.Random(7)  # noqa: S311  # the same words in each run


def word(alphabet: str, length: int) -> str:
    return "".join(DICE.choice(alphabet) for _ in range(length))


BINANCE = word(BASE62, 64)
BITFINEX = word(BASE62, 40) + "0Ol"
OKX = f"{UUID(int=DICE.getrandbits(128))}\n{word('0123456789ABCDEF', 32)}"
HTX = "a1b2c3d4-vf25treb80-1a2b3c4d-5e6f7"
SEED = "legal winner thank year wave sausage worth useful legal winner thank yellow"
HEX = hashlib.sha256(b"x").hexdigest()

SECRETS = [
    (BINANCE, Secret.EXCHANGE_KEY),
    (f"my key is {BINANCE} thanks", Secret.EXCHANGE_KEY),
    (f"/price {BINANCE}", Secret.EXCHANGE_KEY),
    (f'{{"apiKey":"{BINANCE}","secret":"{word(BASE62, 64)}"}}', Secret.EXCHANGE_KEY),
    (f"KEY={BINANCE}", Secret.EXCHANGE_KEY),
    (BITFINEX, Secret.EXCHANGE_KEY),
    (OKX, Secret.EXCHANGE_KEY),
    ("bg2hyw2dfg-1a2b3c4d-5e6f7a8b-9c0d1", Secret.EXCHANGE_KEY),
    (f"api key: {word('0123456789abcdef', 32)}", Secret.EXCHANGE_KEY),
    (f"123456789:{word(BASE62, 35)}", Secret.BOT_TOKEN),
    ("-----BEGIN PRIVATE KEY-----\nMIIE…", Secret.PRIVATE_KEY),
    ("-----BEGIN RSA PRIVATE KEY-----", Secret.PRIVATE_KEY),
    ("xprv" + word(BASE58, 107), Secret.PRIVATE_KEY),
    ("5J" + word(BASE58, 49), Secret.PRIVATE_KEY),
    ("K" + word(BASE58, 51), Secret.PRIVATE_KEY),
    ("S" + word("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 55), Secret.PRIVATE_KEY),
    ("3082" + word("0123456789abcdef", 2000), Secret.PRIVATE_KEY),
    (json.dumps({"crypto": {"kdf": "scrypt", "kdfparams": {}}}), Secret.PRIVATE_KEY),
    (f"private key {HEX}", Secret.PRIVATE_KEY),
    (f"我的私钥：{HEX}", Secret.PRIVATE_KEY),
    (SEED, Secret.SEED),
    (SEED.title(), Secret.SEED),
    (f"my seed phrase: {SEED}", Secret.SEED),
    ("\n".join(f"{n}. {w}" for n, w in enumerate(SEED.split(), 1)), Secret.SEED),
    (" ".join(["abandon"] * 23 + ["art"]), Secret.SEED),
]


@pytest.mark.parametrize(("said", "kind"), SECRETS, ids=lambda value: str(value)[:24])
def test_a_secret_sets_it_off(said, kind):
    assert secret_of(said) is kind


ORDINARY = [
    "/price BTC",
    "/price btc eth sol xrp ada dot link uni ltc bch",
    "/watch btc eth sol xrp ada dot link uni atom near avax sui",
    "btc eth sol xrp ada dot link uni atom near avax sui",
    "/buy 0.01 BTC/USDT @ 67000 on binance margin",
    "/export BTC,ETH,SUM_ALL_COINS 1y every 1d price,cap parquet",
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
    "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
    "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr",
    "0xAb5801a7D398351b8bE11C439e05C5B3259aeC9B",
    "0x" + HEX,
    HEX,
    HEX.upper(),
    f"where is my transaction {HEX}?",
    "rEb8TK3gBgk5auZkwc6sHnwrGVJH8DuaLh",
    "TNaRAoLUyYEV2uF7GUrzSjRQTU8v5ZJ5VR",
    "DYw8jCTfwHNRJhhmFcbXvVDTqWMEVFBX6ZKUmG5CNSKK",
    "EQBvW8Z5huBkMJYdnfAEM5JqTNkuWX3diqYENkWsIL0XggGG",
    "4AdUndXHHZ6cfufTMvppY6JwXNouMBzSkbLYfpAV5Usx3skxNgYeYTRj5UzqtReoS44qo9mtmXCqY45DJ852K5Jv2684Rge",
    "addr1qx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer3jcu5d8ps7zex2k2xt3uqxgjqnnj83ws8lhrn648jjxtwq2ytjqp",
    "GAAZI4TCR3TY5OJHCTJC2A4QSY6CJWJH5IAJTGKIN2ER7LBNVKOCCWN7",
    "https://example.org/keys/" + word(BASE62, 43),
    "look: https://etherscan.io/tx/0x" + HEX,
    "550e8400-e29b-41d4-a716-446655440000",
    "8389765512345678901234567890123456789012345678901234567890",
    "please tell me what the price of bitcoin was in the last week of may",
    "I would like to buy some ether when the price is below two thousand dollars",
    "does anybody know why the chart of this coin looks so strange today",
    "请问今天比特币的价格是多少？我想知道最近一周的走势，还有以太坊和索拉纳的市值排名。",
    "我的密钥丢了怎么办？私钥和助记词应该保存在哪里才安全呢？请告诉我详细的步骤。",
    "what is a private key, and why should nobody ever see my seed phrase?",
    "/forget everything about me please, and drop my api key",
    "KEY" * 30,
    "a" * 200,
    "AAAABBBBCCCCDDDDEEEEFFFFGGGGHHHHIIIIJJJJKKKKLLLL1111",
    "t.me/desk123456_bot?start=price_btc",
    "",
]


@pytest.mark.parametrize("said", ORDINARY, ids=lambda value: value[:24])
def test_what_people_write_does_not(said):
    assert secret_of(said) is None


@given(st.text(st.characters(codec="utf-8"), max_size=400))
def test_no_text_is_too_odd_for_it(said):
    assert secret_of(said) in {None, *Secret}


def test_almost_every_key_of_binance_is_seen():
    keys = ["".join(secrets.choice(BASE62) for _ in range(64)) for _ in range(500)]
    assert sum(secret_of(key) is Secret.EXCHANGE_KEY for key in keys) >= 495


def test_transactions_of_solana_are_none_and_bitfinex_keys_mostly_are():
    assert not any(secret_of("".join(secrets.choice(BASE58) for _ in range(88))) for _ in range(200))
    keys = ["".join(secrets.choice(BASE62) for _ in range(43)) for _ in range(500)]
    assert sum(secret_of(key) is Secret.EXCHANGE_KEY for key in keys) >= 440


def test_it_looks_into_captions_edits_and_names_of_files():
    chat = {"chat": {"id": 1, "type": "private"}}
    assert secret_in({"message": chat | {"caption": BINANCE}}) is Secret.EXCHANGE_KEY
    assert secret_in({"edited_message": chat | {"text": SEED}}) is Secret.SEED
    assert secret_in({"message": chat | {"document": {"file_name": "wallet.dat"}}}) is Secret.PRIVATE_KEY
    assert secret_in({"message": chat | {"document": {"file_name": "prices.csv"}}}) is None
    assert secret_in({"callback_query": {"data": BINANCE}}) is None
