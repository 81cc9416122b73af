"""An order as people type it: what is meant is understood in any case and order of words, what is not is refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import UserMistake
from bot.domain.orders import Kind, Wallet
from handlers import _order_line as line

VENDORS = {"binance": "binance", "okx": "okx", "okex": "okx", "bitfinex": "bitfinex"}

REFUSED = (
    "1e3", "NaN", "Infinity", "-1", "0", "1_000", "١٢٣", "٠.５", "0.0000000000000000001", "9" * 10_000, "+1", "0x10",
    "1..2", "1.2.3", "٠", "½", "1/2", "--1", "1 ", "0.000", "∞", "1,00,00", "%", "0%", "101%", "1e2%", "-5%", "0.001%",
)  # fmt: skip


def read(text: str) -> line.Line:
    return line.read("buy", text.split(), VENDORS)


@pytest.mark.parametrize("number", REFUSED)
def test_an_amount_that_is_none_is_refused_and_the_form_is_shown(number):
    with pytest.raises(UserMistake) as told:
        line.size(number)
    assert told.value.key in {"amount.unreadable", "amount.ambiguous", "order.percent"}


@pytest.mark.parametrize("number", ["1e3", "NaN", "-1", "0", "1_000", "६७०००", "67000.0.0"])
def test_so_is_a_price_that_is_none(number):
    with pytest.raises(UserMistake):
        read(f"0.01 btc/usdt @ {number}")


def test_a_lone_comma_is_asked_about_with_both_lines_as_buttons():
    with pytest.raises(UserMistake) as told:
        read("1,5 btc/usdt @ 60000")
    assert told.value.key == "amount.ambiguous"
    assert told.value.suggestions == (("15", "buy 15 btc/usdt @ 60000"), ("1.5", "buy 1.5 btc/usdt @ 60000"))


def test_a_price_with_a_comma_is_asked_about_and_the_amount_stays():
    with pytest.raises(UserMistake) as told:
        read("0.01 btc/usdt @60,000")
    assert [text for _, text in told.value.suggestions] == [
        "buy 0.01 btc/usdt @ 60000",
        "buy 0.01 btc/usdt @ 60.000",
    ]


@pytest.mark.parametrize(
    ("typed", "size"),
    [
        ("0.01", line.Size(Decimal("0.01"))),
        (".5", line.Size(Decimal("0.5"))),
        ("1.5k", line.Size(Decimal(1500))),
        ("$100", line.Size(Decimal(100), "$")),
        ("25%", line.Size(percent=Decimal(25))),
        ("0.01%", line.Size(percent=Decimal("0.01"))),
        ("100%", line.Size(percent=Decimal(100))),
        ("all", line.Size(percent=Decimal(100))),
        ("MAX", line.Size(percent=Decimal(100))),
    ],
)
def test_a_size_is_a_number_or_a_share(typed, size):
    assert line.size(typed) == size


@pytest.mark.parametrize(
    "typed",
    [
        "0.01 BTC/USDT @ 60000 on bitfinex margin",
        "0.01 btc/usdt @60000 margin on Bitfinex",
        "0.01 BTC/USDT margin bitfinex @ 60k",
        "0.01 on bitfinex BTC/USDT margin limit @ $60000",
        "0.01@60000 btc/usdt on bitfinex margin",
    ],
)
def test_the_same_order_in_other_words(typed):
    found = read(typed)
    assert (found.size.number, found.price, found.wallet) == (Decimal("0.01"), Decimal(60000), Wallet.MARGIN)
    assert (found.vendor.lower(), found.words[0].upper()) == ("bitfinex", "BTC/USDT")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("0.01 btc usdt", ("btc", "usdt")),
        ("100 usdt btc/usdt", ("usdt", "btc/usdt")),
        ("100 usdt btc usdt", ("usdt", "btc", "usdt")),
    ],
)
def test_what_is_left_names_the_pair(typed, words):
    assert read(typed).words == words


@pytest.mark.parametrize(
    ("typed", "vendor", "wallet", "kind"),
    [
        ("limit @ 60000", "bitfinex", Wallet.MARGIN, Kind.LIMIT),
        ("market", "bitfinex", Wallet.MARGIN, Kind.MARKET),
        ("exchange limit @ 60000", "bitfinex", Wallet.SPOT, Kind.LIMIT),
        ("exchange market", "bitfinex", Wallet.SPOT, Kind.MARKET),
        ("margin market", "bitfinex", Wallet.MARGIN, Kind.MARKET),
        ("spot limit @ 60000", "bitfinex", Wallet.SPOT, Kind.LIMIT),
        ("@ 60000", "bitfinex", Wallet.SPOT, None),
        ("", "bitfinex", Wallet.SPOT, None),
        ("limit @ 60000", "binance", Wallet.SPOT, Kind.LIMIT),
        ("market", "binance", Wallet.SPOT, Kind.MARKET),
        ("margin", "binance", Wallet.MARGIN, None),
    ],
)
def test_bitfinexs_types_are_read_as_bitfinex_means_them_and_only_there(typed, vendor, wallet, kind):
    found = read(f"0.01 btc/usd {typed} on {vendor}")
    assert (line.wallet(found, vendor), found.kind) == (wallet, kind)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("", "order.how"),
        ("0.01", "order.how"),
        ("btc/usdt", "order.how"),
        ("0.01 a b c d", "order.how"),
        ("0.01 btc/usdt limit", "order.limit_needs_price"),
        ("0.01 btc/usdt market @ 60000", "order.market_has_no_price"),
        ("0.01 btc/usdt @", "amount.unreadable"),
        ("0.01 btc/usdt @ 1 @ 2", "order.how"),
        ("btc/usdt 0.01", "amount.unreadable"),
        ("101% btc/usdt", "order.percent"),
    ],
)
def test_what_is_no_order_is_refused_by_its_key(typed, key):
    with pytest.raises(UserMistake) as told:
        read(typed)
    assert told.value.key == key


signs = st.one_of(
    st.text(max_size=12),
    st.sampled_from([*REFUSED[:9], "btc/usdt", "@", "on", "margin", "limit", "exchange", "all", "25%", "usdt", "okex"]),
)


@given(st.lists(signs, max_size=9))
def test_whatever_is_typed_is_an_order_or_a_kind_word_and_never_a_guess(words):
    try:
        found = read(" ".join(words))
    except UserMistake as mistake:
        assert mistake.key  # noqa: PT017  # both ends are right, a third is not
        return
    assert (found.size.number is None) != (found.size.percent is None)
    assert found.size.number is None or found.size.number > 0
    assert found.size.percent is None or 0 < found.size.percent <= 100
    assert found.price is None or found.price > 0
    assert 1 <= len(found.words) <= 3


numbers = st.decimals(min_value=Decimal("0.000000000000000001"), max_value=Decimal(10**14), places=18)


@given(numbers, numbers)
def test_a_number_typed_is_the_number_ordered_digit_by_digit(amount, price):
    found = read(f"{amount:f} btc/usdt @ {price:f}")
    assert (found.size.number, found.price) == (amount, price)
