"""Money: what is read as an amount, what is not, and that nothing is rounded unasked."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import money
from bot.domain.errors import UserMistake
from bot.domain.money import Amount, percent_change
from bot.domain.words import legible

digits = st.text("0123456789", min_size=1, max_size=15)
fractions = st.text("0123456789", min_size=1, max_size=18)
amounts = st.decimals(min_value=0, max_value=Decimal("1e12"), places=18)
steps = st.sampled_from([Decimal(text) for text in ("0.00000001", "0.001", "0.5", "1", "5", "2.5", "1000")])
OTHER_DIGITS = ("١٢٣", "१२", "½", "²", "10²", "①")
OTHER_FACES = ("１２３", "𝟙𝟚")
NO_AMOUNT = ("1e5", "1E5", "+1", "-1", "--1", "NaN", "inf", "Infinity", "0x10", "1_000", "1 000", "", " ", "1.2.3", ".")
BADLY_GROUPED = ("1,23,456", "1,2,3", "1.000,5", "1,50.5", "1,5000.5", "1234,567.8")


@given(digits, fractions)
def test_a_plain_decimal_is_read_digit_by_digit(head, tail):
    assert Fraction(money.exact(f"{head}.{tail}")) == Fraction(int(head + tail), 10 ** len(tail))


@pytest.mark.parametrize(
    "text", [*OTHER_DIGITS, *OTHER_FACES, *NO_AMOUNT, "1.", ".5", "1,5", "1\n", "9" * 16, "0." + "1" * 19]
)
def test_a_stored_amount_is_nothing_but_a_plain_decimal(text):
    with pytest.raises(ValueError, match="plain"):
        money.exact(text)


@given(st.text(max_size=30))
def test_a_stored_amount_never_has_an_exponent_a_sign_or_other_digits(text):
    try:
        value = money.exact(text)
    except ValueError:
        return
    assert set(text) <= set("0123456789.")
    assert value.is_finite()
    assert value >= 0


@given(st.one_of(st.text(max_size=30), st.text("0123456789.,$kKmMbBeE+-", max_size=12)))
def test_what_is_typed_is_a_positive_amount_or_a_mistake(text):
    try:
        value = money.typed(text)
    except UserMistake:
        return
    assert value > 0
    assert value.is_finite()
    assert set(legible(text)) <= set("0123456789.,$kKmMbB")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("100", "100"), ("$100", "100"), ("1.5k", "1500"), ("10M", "10000000"), ("2b", "2000000000"), (".5", "0.5"),
        ("5.", "5"), ("1,234,567.8", "1234567.8"), ("1,500.5", "1500.5"), ("$12,345.00", "12345"),
        ("１２３", "123"), ("１．５ｋ", "1500"), ("１，５００．５", "1500.5"), ("\u202e1\u200b00", "100"),
        ("0.000000000000000001", "0.000000000000000001"),
    ],
)  # fmt: skip
def test_people_write_amounts_in_their_own_ways(text, value):
    assert money.typed(text) == Decimal(value)


@pytest.mark.parametrize("text", [*OTHER_DIGITS, *NO_AMOUNT, *BADLY_GROUPED, "0", "0.00", "0k", "1kk", "k", "$"])
def test_what_only_looks_like_an_amount_is_none(text):
    with pytest.raises(UserMistake) as told:
        money.typed(text)
    assert told.value.key == "amount.unreadable"


@given(st.integers(1, 999), st.text("0123456789", min_size=3, max_size=3), fractions)
def test_one_comma_and_a_fraction_can_be_read_in_one_way_only(head, thousands, tail):
    assert money.typed(f"{head},{thousands}.{tail}") == Decimal(f"{head}{thousands}.{tail}")


@given(digits, fractions)
def test_a_lone_comma_is_never_guessed(head, tail):
    with pytest.raises(UserMistake) as told:
        money.typed(f"{head},{tail}")
    assert told.value.key == "amount.ambiguous"
    assert told.value.values["thousands"] == head + tail
    assert told.value.values["fraction"] == f"{head}.{tail}"


@given(amounts, amounts)
def test_sums_are_exact(one, other):
    total = Amount(one, "BTC") + Amount(other, "BTC")
    assert Fraction(total.value) == Fraction(one) + Fraction(other)
    assert (total - Amount(other, "BTC")).value == one


@given(amounts, amounts)
def test_a_price_is_applied_without_rounding(value, price):
    assert Fraction(Amount(value, "BTC").at(price, "USD").value) == Fraction(value) * Fraction(price)


def test_two_assets_never_meet_in_one_sum():
    one, other = Amount(Decimal(1), "BTC"), Amount(Decimal(1), "ETH")
    for act in (lambda: one + other, lambda: one - other, lambda: one < other):
        with pytest.raises(TypeError):
            act()


def test_an_amount_is_never_made_from_a_float():
    with pytest.raises(TypeError):
        Amount(0.1, "BTC")


@given(amounts, steps)
def test_rounding_goes_to_the_next_step_on_its_own_side(value, step):
    down, up = Amount(value, "X").down_to(step).value, Amount(value, "X").up_to(step).value
    assert down <= value <= up
    assert value - down < step
    assert up - value < step
    assert Fraction(down) % Fraction(step) == 0
    assert Fraction(up) % Fraction(step) == 0


@pytest.mark.parametrize("step", ["0", "-1"])
def test_a_step_is_above_zero(step):
    with pytest.raises(ValueError, match="step"):
        Amount(Decimal(1), "X").down_to(Decimal(step))


def test_a_change_is_told_in_percent_and_only_from_something():
    assert percent_change(Decimal(200), Decimal(150)) == Decimal(-25)
    assert percent_change(Decimal(0), Decimal(150)) is None


@given(st.decimals(min_value=Decimal("0.000000000000000001"), max_value=Decimal(10**14), places=18))
def test_a_typed_number_keeps_every_digit(number):
    assert money.typed(f"{number:f}") == number
    assert money.typed(f"{number:f}k") == number.scaleb(3, money.EXACT)
