"""Numbers, times, statuses and rows: the vendor's own samples, and whatever else may stand there."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.domain.money import EXACT
from bot.domain.swaps import RateKind, Stage
from bot.providers.swaps import _quotes as quotes
from bot.providers.swaps import _rows as rows
from bot.providers.swaps._fields import instant, number, text, word
from bot.providers.swaps._rest import MEMO_COINS

from . import samples

AT = datetime(2026, 11, 21, tzinfo=UTC)
FEWER = settings(max_examples=40, deadline=None)  # a busy machine is no fault

# What arrives ---------------------------------------------------------------------------------------------------------


def test_a_floating_quote_loses_the_network_fee_once():
    quote = quotes.float_quote(samples.FLOAT_QUOTE, "ltc", "eth", Decimal("3.99"), AT)
    assert (quote.gross, quote.network_fee) == (Decimal("0.1085994"), Decimal("0.00180019"))
    assert quote.net == Decimal("0.10679921")
    assert (quote.limits.least, quote.limits.most) == (Decimal("0.4013"), Decimal("642.0361639"))
    # The vendor's own figures: what there is before any fee, less its fee.
    assert Decimal(samples.FLOAT_QUOTE["visibleAmount"]) - Decimal(samples.FLOAT_QUOTE["fee"]) == quote.gross


def test_a_fixed_quote_has_lost_it_already():
    """The capture: 1 × 0.002191229654 − 0.00001909, cut to eight digits, is its `amountTo`."""
    quote = quotes.fixed_quote(samples.FIXED_QUOTE, "sol", "btc", Decimal(1), AT)
    assert quote.net == Decimal("0.00217213")
    assert quote.gross == Decimal("0.00219122")
    assert quote.rate == Decimal("0.002191229654")
    assert quote.rate_id == "GhNY6BJBOsjt8UlfEOHI&x0B$m6Dde"
    assert quote.expires_at == datetime(2024, 9, 17, 2, 22, 14, tzinfo=UTC)


def test_a_fixed_quote_that_has_not_loses_it_once():
    told = samples.FIXED_QUOTE | {"amountTo": "0.00219122"}
    quote = quotes.fixed_quote(told, "sol", "btc", Decimal(1), AT)
    assert (quote.gross, quote.net) == (Decimal("0.00219122"), Decimal("0.00217213"))


def test_v1s_result_is_before_the_fee_by_its_own_sum():
    """README: 0.0357261 − 0.0001429 = 0.0355832, and the network fee of 0.0005 is still in it."""
    quote = quotes.old_quote(samples.OLD_QUOTE, "ltc", "eth", Decimal(1), AT)
    assert (quote.gross, quote.net) == (Decimal("0.0355832"), Decimal("0.0350832"))


def test_v1s_result_that_is_after_it_by_its_own_sum_loses_nothing_more():
    quote = quotes.old_quote(samples.OLD_QUOTE | {"result": "0.0350832"}, "ltc", "eth", Decimal(1), AT)
    assert (quote.gross, quote.net) == (Decimal("0.0355832"), Decimal("0.0350832"))


def test_without_its_parts_v1_does_not_tell_what_arrives():
    told = {name: value for name, value in samples.OLD_QUOTE.items() if name != "visibleAmount"}
    quote = quotes.old_quote(told, "ltc", "eth", Decimal(1), AT)
    assert (quote.gross, quote.net, quote.network_fee) == (Decimal("0.0355832"), None, None)


MONEY = st.decimals("0.00000001", "1000000", places=8)
SMALL = st.decimals("0", "0.01", places=8)


@FEWER
@given(amount=MONEY, rate=st.decimals("0.01", "100000", places=12), fee=SMALL, net=st.booleans())
def test_whichever_way_a_fixed_quote_is_told_the_fee_goes_off_once(amount, rate, fee, net):
    before = EXACT.multiply(amount, rate)
    told = (before - fee if net else before).quantize(Decimal("1e-8"), rounding="ROUND_DOWN")
    if told < 0 or fee < Decimal("0.000001"):
        return
    row = {"id": "r", "amountTo": f"{told:f}", "networkFee": f"{fee:f}", "result": f"{rate:f}", "expiredAt": 1726539734}
    quote = quotes.fixed_quote(row, "a", "b", amount, AT)
    assert abs(quote.net - (before - fee)) <= Decimal("1e-8")
    assert quote.gross - quote.network_fee == quote.net


@FEWER
@given(gross=MONEY, fee=SMALL, amount=MONEY)
def test_a_floating_quote_is_exact_to_the_last_digit(gross, fee, amount):
    row = {"amountTo": f"{gross:f}", "networkFee": f"{fee:f}", "amountFrom": f"{amount:f}"}
    assert quotes.float_quote(row, "a", "b", amount, AT).net == gross - fee


@pytest.mark.parametrize("read", [quotes.float_quote, quotes.fixed_quote])
def test_a_quote_for_another_amount_is_none(read):
    sample = samples.FLOAT_QUOTE if read is quotes.float_quote else samples.FIXED_QUOTE
    assert read(sample, "a", "b", Decimal(sample["amountFrom"]), AT)
    assert read(sample, "a", "b", Decimal(2), AT) is None


@pytest.mark.parametrize("missing", ["id", "expiredAt", "amountTo"])
def test_a_fixed_quote_without_its_terms_is_none(missing):
    row = {name: value for name, value in samples.FIXED_QUOTE.items() if name != missing}
    assert quotes.fixed_quote(row, "sol", "btc", Decimal(1), AT) is None


def test_a_row_is_found_by_its_pair_and_never_by_its_place():
    other = samples.FLOAT_QUOTE | {"from": "btc"}
    assert quotes.of_pair([other, samples.FLOAT_QUOTE], "ltc", "eth") is samples.FLOAT_QUOTE
    assert quotes.of_pair([other], "ltc", "eth") is None
    assert quotes.of_pair([], "ltc", "eth") is None


def test_limits_of_a_pair_are_those_of_its_kind_of_rate():
    assert quotes.pair_limits(samples.PAIR_PARAMS, RateKind.FLOAT).most == Decimal("25629.527850432485")
    assert quotes.pair_limits(samples.PAIR_PARAMS, RateKind.FIXED).most == Decimal("3.2138")


# Times ----------------------------------------------------------------------------------------------------------------

MOMENT = datetime(2024, 9, 17, 2, 36, 54, tzinfo=UTC)


@pytest.mark.parametrize(
    "told",
    [
        1726540614,
        1726540614000,
        1726540614000000,
        "1726540614",
        "1726540614000000",
        Decimal("1726540614.0"),
        "2024-09-17T02:36:54.000Z",
        "2024-09-17T02:36:54.000+00:00",
        "2024-09-17T04:36:54+02:00",
        "2024-09-17T02:36:54",
    ],
)
def test_a_moment_is_read_in_each_of_the_vendors_units(told):
    assert instant(told) == MOMENT


@pytest.mark.parametrize("told", [0, "0", "", None, True, -1, "soon", [], {}, 10**40, "2024-13-01", float("nan")])
def test_what_is_no_moment_is_not_known(told):
    assert instant(told) is None


def test_a_deadline_keeps_its_milliseconds():
    deadline = rows.swap({"id": "a", "payTill": "2024-09-17T02:51:54.173+00:00"}).pay_till
    assert deadline == MOMENT + timedelta(minutes=15, milliseconds=173)


# Statuses -------------------------------------------------------------------------------------------------------------

CANONICAL = {
    "new": Stage.NEW, "waiting": Stage.WAITING, "confirming": Stage.CONFIRMING, "exchanging": Stage.EXCHANGING,
    "sending": Stage.SENDING, "finished": Stage.FINISHED, "failed": Stage.FAILED, "refunded": Stage.REFUNDED,
    "hold": Stage.HOLD, "overdue": Stage.OVERDUE, "expired": Stage.EXPIRED, "pending": Stage.WAITING,
    "confirmed": Stage.CONFIRMING, "cancelled": Stage.UNKNOWN, "unknown": Stage.UNKNOWN, "": Stage.UNKNOWN,
    "processing": Stage.UNKNOWN,
}  # fmt: skip


@pytest.mark.parametrize("raw", CANONICAL)
def test_each_status_of_the_json_rpc_is_known_by_its_word(raw):
    swap = rows.swap(samples.FINISHED | {"status": raw})
    assert (swap.stage, swap.raw_stage) == (CANONICAL[raw], raw)


@pytest.mark.parametrize("raw", CANONICAL)
def test_so_is_each_of_the_third_document_but_for_one(raw):
    expected = Stage.OVERDUE if raw == "expired" else CANONICAL[raw]
    assert rows.rest_swap(samples.REST_FINISHED | {"status": raw}).stage is expected


@pytest.mark.parametrize("told", [None, 7, ["waiting"], {"a": 1}, "wait\ning", "w" * 400])
def test_a_status_that_is_no_word_is_unknown_and_no_end(told):
    stage = rows.swap({"id": "a", "status": told}).stage
    assert stage is Stage.UNKNOWN
    assert not stage.ended


@pytest.mark.parametrize(("before", "after"), tuple(product(Stage, Stage)))
def test_forward_is_what_lies_further_along_the_usual_way(before, after):
    way = [Stage.NEW, Stage.WAITING, Stage.CONFIRMING, Stage.EXCHANGING, Stage.SENDING]
    if before in way and after in way:
        assert (before.rank < after.rank) == (way.index(before) < way.index(after))
    if before in way and after.ended:
        assert before.rank < after.rank
    if before.final:
        assert before.ended


def test_what_has_no_place_on_the_way_has_no_rank():
    assert [stage for stage in Stage if stage.rank is None] == [Stage.HOLD, Stage.UNKNOWN]
    assert [stage for stage in Stage if stage.final] == [Stage.FINISHED, Stage.REFUNDED]


# Rows -----------------------------------------------------------------------------------------------------------------


def test_a_coin_is_read_with_its_network_and_its_warnings():
    usdt, xlm, old = rows.coins(samples.COINS)
    assert (usdt.ticker, usdt.name, usdt.network, usdt.protocol) == ("usdtrx", "Tether USD (TRX)", "tron", "TRC20")
    assert (usdt.memo_name, usdt.confirmations, usdt.fixed_time) == ("", 19, timedelta(minutes=20))
    assert usdt.address_url.replace("%1$s", "T") == "https://tronscan.org/#/address/T"
    assert (xlm.memo_name, xlm.pays_in, xlm.pays_out, xlm.fixed) == ("Memo.ID", False, True, False)
    assert xlm.notes == ("Attach the memo",)
    # Of an account that was switched, and without a word on memos; whatever its parts say, it is off.
    assert (old.ticker, old.name, old.network, old.memo_name) == ("old", "Old coin", "oldnet", None)
    assert (old.pays_in, old.pays_out, old.fixed) == (False, False, False)


def test_a_swap_just_made_is_read():
    swap = rows.swap(samples.CREATED)
    assert (swap.id, swap.stage, swap.kind) == ("ze6rnqcnnuxxd6hc", Stage.NEW, RateKind.FLOAT)
    assert (swap.payin_address, swap.payin_memo, swap.payout_memo) == ("GDX6EXAMPLE", "978301237653", "1234")
    assert (swap.amount_expected, swap.target_expected, swap.network_fee) == (500, Decimal("98.11"), Decimal("0.25"))
    assert swap.net_expected == Decimal("97.86")
    assert swap.created_at == MOMENT


def test_a_finished_swap_is_read_and_its_sums_agree():
    swap = rows.swap(samples.FINISHED)
    assert swap.net_expected == swap.amount_out == Decimal("1.43939664")
    assert (swap.received_at, swap.sent_at) == (
        datetime(2022, 10, 4, 15, 25, 9, tzinfo=UTC),
        datetime(2022, 10, 4, 15, 30, 41, tzinfo=UTC),
    )
    assert (swap.payin_hash, swap.payout_hash, swap.confirmations) == ("9f19", "0x1d04", 1)
    assert swap.payin_memo == ""


def test_zeros_of_an_unpaid_swap_are_not_sums():
    swap = rows.swap(samples.WAITING)
    assert (swap.amount_in, swap.amount_out, swap.network_fee, swap.net_expected) == (None,) * 4
    assert (swap.received_at, swap.sent_at) == (None, None)


def test_the_third_document_tells_less_and_calls_the_fee_by_the_other_coin():
    swap = rows.rest_swap(samples.REST_FINISHED)
    assert (swap.stage, swap.kind, swap.payin_memo) == (Stage.FINISHED, RateKind.FLOAT, None)
    assert (swap.network_fee, swap.fee_ticker, swap.net_expected) == (Decimal("0.0001"), "btc", None)
    assert (swap.payin_hash, swap.payout_hash, swap.confirmations) == ("", "0xabcdef1234567890", 6)
    assert swap.created_at == datetime(2023, 10, 27, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "hashes"),
    [("confirming", ("0xd", "", "")), ("exchanging", ("0xd", "", "")), ("sending", ("", "", "")),
     ("hold", ("", "", "")), ("finished", ("", "0xd", "")), ("refunded", ("", "", "0xd")), ("failed", ("", "", ""))],
)  # fmt: skip
def test_its_one_hash_is_taken_for_what_it_surely_is(status, hashes):
    swap = rows.rest_swap(samples.REST_FINISHED | {"status": status, "txId": "0xd"})
    assert (swap.payin_hash, swap.payout_hash, swap.refund_hash) == hashes


def test_its_coins_have_no_network_and_only_known_ones_a_memo():
    btc, xrp = rows.rest_coins(samples.REST_COINS, MEMO_COINS)
    assert (btc.network, btc.memo_name, btc.pays_in, btc.pays_out, btc.fixed) == ("", None, True, True, False)
    assert (xrp.memo_name, xrp.pays_out) == ("Memo", False)


# Whatever else stands there -------------------------------------------------------------------------------------------

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.text(max_size=40),
    st.sampled_from(["0", "1", "-1", "1e5", "1E-7", "٣", "NaN", "Infinity", " 1", "1 ", "0x1", "1726540614", "fixed"]),
)
NESTED = st.lists(SCALARS, max_size=3) | st.dictionaries(st.sampled_from(["a", "from", "result"]), SCALARS, max_size=3)
ANYTHING = SCALARS | NESTED | st.lists(NESTED, max_size=3)
NAMES = sorted({*samples.FINISHED, *samples.COINS[0], *samples.FIXED_QUOTE, *samples.OLD_QUOTE, *samples.REST_FINISHED})
ROWS = st.dictionaries(st.sampled_from(NAMES), SCALARS | NESTED, max_size=12)


@FEWER
@given(row=ROWS)
@example(row={"id": "a", "amountFrom": Decimal("1E+30"), "createdAt": 10**29})
def test_no_row_raises_and_no_field_is_more_than_it_was(row):
    for read in (rows.swap, rows.rest_swap):
        swap = read(row)
        if swap is None:
            continue
        assert swap.id == str(row["id"]).strip()
        for told in (swap.amount_in, swap.amount_out, swap.amount_expected, swap.network_fee):
            assert told is None or (told.is_finite() and told >= 0)
        for address in (swap.payin_address, swap.payout_address):
            assert address == "" or (address.isprintable() and " " not in address)
    for coin in rows.coins([row]) + rows.rest_coins([row], MEMO_COINS):
        assert coin.ticker == coin.ticker.lower() != ""
        assert row.get("enabled") is True or not coin.pays_in


@FEWER
@given(row=ROWS, amount=MONEY)
def test_no_quote_raises_and_none_is_better_than_it_was_told(row, amount):
    for read in (quotes.float_quote, quotes.fixed_quote, quotes.old_quote):
        quote = read(row, "a", "b", amount, AT)
        if quote is not None and quote.net is not None:
            assert quote.net == quote.gross - quote.network_fee
            assert quote.network_fee >= 0
    assert quotes.limits(row) is not None


@FEWER
@given(content=ANYTHING)
def test_no_content_raises(content):
    for read in (rows.coins, lambda content: rows.rest_coins(content, MEMO_COINS)):
        assert read(content) is None or isinstance(content, list)
    quotes.of_pair(content, "btc", "eth")
    quotes.bare_quote(content, "btc", "eth", Decimal(1), AT)


@FEWER
@given(value=ANYTHING)
def test_a_number_is_exactly_what_stood_there_or_nothing(value):
    found = number(value)
    if found is not None:
        assert found == Decimal(str(value)) >= 0
        assert "E" not in f"{found:f}"


@FEWER
@given(value=st.decimals("0", "999999999999", places=18))
def test_every_digit_of_money_is_kept(value):
    assert number(f"{value:f}") == value


@pytest.mark.parametrize(
    "told", ["", "-1", "+1", " 1", "1,5", "1_000", "٣", "NaN", "Infinity", "0x10", ".5", "5.", "1e999"]
)
def test_what_is_no_plain_number_is_not_known(told):
    assert number(told) is None


@pytest.mark.parametrize("told", ["a\nb", "a\x00b", "a\u202eb", "x" * 301, None, [], True])
def test_what_cannot_be_shown_as_it_is_is_left_out(told):
    assert text(told) == ""


def test_an_address_is_one_word():
    assert word("bc1q") == "bc1q"
    assert word("bc1q send more") == ""
