"""Wide tables: a grid without holes, the last value of each bucket, nothing invented, every digit kept."""

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import polars as pl
import pytest
from chart_series import FETCHED, START, at, series, walk
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.charts import tables
from bot.charts.border import Column
from bot.charts.requests import TableFormat, TableRequest, column_name, every_text, parse_every
from bot.domain.assets import Symbol
from bot.domain.errors import UserMistake
from bot.domain.prices import Field, Period, Point

MONDAY = datetime(1970, 1, 5, tzinfo=UTC)

moments = st.integers(-3 * 86400, 5 * 86400).map(lambda s: MONDAY + timedelta(seconds=s)) | st.integers(
    0, 20 * 86400 * 1000
).map(lambda ms: START + timedelta(milliseconds=ms))
values = st.none() | st.decimals(0, 10**13, allow_nan=False, allow_infinity=False, places=None)


@st.composite
def columns_of_one_age(draw):
    """Up to four columns whose times lie within days of each other, so that grids stay small."""
    base = draw(st.sampled_from([MONDAY - timedelta(days=2), START, START + timedelta(days=300, microseconds=1)]))
    offsets = st.integers(0, 12 * 86400 * 1000)
    columns = draw(
        st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from(list(Field))), min_size=1, max_size=4, unique=True)
    )
    made = []
    for symbol, field in columns:
        times = sorted(draw(st.sets(offsets, max_size=25)))
        points = [Point(base + timedelta(milliseconds=ms), draw(values)) for ms in times]
        made.append(series(points, symbol=symbol, field=field))
    return made


steps = st.sampled_from(["1m", "7m", "5m", "1h", "5h", "1d", "3d", "7d"]).map(parse_every)


def by_hand(made, every):
    """The same table in plain Python: {bucket start: {column: value}}, every bucket between the first and the last."""
    buckets = {}
    for each in made:
        name = f"{each.symbol}_{each.field}"
        for point in sorted((p for p in each.points if p.value is not None), key=lambda p: p.at):
            start = MONDAY + (point.at - MONDAY) // every * every
            buckets.setdefault(start, {})[name] = point.value
    if not buckets:
        return {}
    first, last = min(buckets), max(buckets)
    return {first + n * every: buckets.get(first + n * every, {}) for n in range((last - first) // every + 1)}


def built(made, **how):
    return tables.build([Column.of(each) for each in made], **how)


def as_rows(table):
    return {
        row[0]: {name: Decimal(text) for name, text in zip(table.columns, row[1:], strict=True) if text is not None}
        for row in table.frame.iter_rows()
    }


@given(columns_of_one_age(), steps)
@settings(deadline=None, max_examples=60)
def test_the_grid_is_what_plain_python_makes_of_it(made, every):
    expected = by_hand(made, every)
    if not expected:
        with pytest.raises(UserMistake):
            built(made, every=every)
        return
    table = built(made, every=every)
    assert as_rows(table) == expected
    times = table.frame["time"].to_list()
    assert times == sorted(set(times))
    assert {after - before for before, after in pairwise(times)} <= {every}


@given(columns_of_one_age(), steps, st.sampled_from(TableFormat))
@settings(deadline=None, max_examples=40)
def test_gaps_and_missing_columns_are_told_as_they_are(made, every, kind):
    expected = by_hand(made, every)
    if not expected:
        return
    stats = tables.make(TableRequest(made, every, format=kind)).stats
    for name, share in stats.gaps:
        assert share == pytest.approx(sum(name not in row for row in expected.values()) / len(expected))
    empty = {f"{each.symbol}_{each.field}" for each in made if not each.values}
    assert set(stats.missing) == empty
    assert (stats.rows, stats.first, stats.last, stats.every) == (len(expected), min(expected), max(expected), every)


@given(columns_of_one_age())
@settings(deadline=None, max_examples=40)
def test_raw_times_are_the_sources_own_those_of_its_gaps_too(made):
    if not any(each.values for each in made):
        return
    expected = {}
    for each in made:
        for point in each.points if each.values else ():
            row = expected.setdefault(point.at, {})
            if point.value is not None:
                row[f"{each.symbol}_{each.field}"] = point.value
    table = built(made, raw=True)
    assert as_rows(table) == expected
    assert table.frame["time"].is_sorted()
    assert table.every is None


@given(columns_of_one_age(), steps)
@settings(deadline=None, max_examples=40)
def test_a_csv_read_by_someone_else_has_every_digit(made, every):
    expected = by_hand(made, every)
    if not expected:
        return
    result = tables.make(TableRequest(made, every))
    header, *rows = csv.reader(io.StringIO(result.content.decode()))
    assert header == ["time", *result.stats.columns]
    read = {
        datetime.fromisoformat(row[0]): {n: cell for n, cell in zip(header[1:], row[1:], strict=True) if cell}
        for row in rows
    }
    assert {at: {n: format(v, "f") for n, v in row.items()} for at, row in expected.items()} == read


@given(columns_of_one_age(), steps)
@settings(deadline=None, max_examples=40)
def test_a_parquet_file_holds_the_nearest_doubles_and_says_where_they_are_from(made, every):
    expected = by_hand(made, every)
    if not expected:
        return
    result = tables.make(TableRequest(made, every, format=TableFormat.PARQUET))
    frame = pl.read_parquet(io.BytesIO(result.content))
    assert frame.schema == {"time": pl.Datetime("us", "UTC")} | dict.fromkeys(result.stats.columns, pl.Float64)
    for row in frame.iter_rows(named=True):
        wanted = expected[row.pop("time")]
        assert {n: v for n, v in row.items() if v is not None} == {n: float(v) for n, v in wanted.items()}
    told = pl.read_parquet_metadata(io.BytesIO(result.content))
    assert told["attribution"] == "Data: CoinCodex (CC BY-NC 3.0)"
    assert (told["source"], told["every"]) == ("CoinCodex", every_text(every))
    assert datetime.fromisoformat(told["fetched_at"]) == FETCHED


def test_who_stands_behind_a_column_goes_with_the_file():
    told = ("NVA = Novarium (NOVA)", "NOVA = Nova Protocol (NOVAPRO)")
    made = [series(at(["1"]), symbol="NOVA"), series(at(["2"]), symbol="NOVAPRO")]
    result = tables.make(TableRequest(made, format=TableFormat.PARQUET, coins=told))
    assert pl.read_parquet_metadata(io.BytesIO(result.content))["coins"] == "; ".join(told)
    assert result.stats.coins == told


def test_polars_reads_its_own_csv_back_with_times():
    content = tables.make(TableRequest([series(at(["1.50", None, "2"]))], parse_every("1h"))).content
    frame = pl.read_csv(io.BytesIO(content), try_parse_dates=True)
    assert frame["time"].dtype.is_temporal()
    assert frame["BTC_price"].to_list() == [1.5, None, 2.0]


def test_the_second_of_two_values_in_a_bucket_holds_and_the_first_does_not():
    table = built([series(at(["1", "2", "3"], step_s=1800))], every=parse_every("1h"))
    assert table.frame["BTC_price"].to_list() == ["2", "3"]


def test_a_gap_at_the_end_of_a_bucket_does_not_hide_the_value_before_it():
    table = built([series(at(["1", None], step_s=60))], every=parse_every("1h"))
    assert table.frame["BTC_price"].to_list() == ["1"]


def test_weeks_begin_on_mondays_at_midnight():
    table = built([walk(300, step_s=86400)], every=parse_every("7d"))
    assert {(time.weekday(), time.hour) for time in table.frame["time"].to_list()} == {(0, 0)}


def test_columns_stand_in_the_order_asked_for_and_what_has_no_value_is_named():
    made = [series(at(["1"]), symbol="B"), series(at(["2"]), symbol="A"), series(at([None]), symbol="C")]
    asked = tuple((Symbol(letter), Field.PRICE) for letter in "ABCD")
    stats = tables.make(TableRequest(made, asked=asked)).stats
    assert stats.columns == ("A_price", "B_price")
    assert stats.missing == ("C_price", "D_price")


def test_two_series_of_one_asset_become_one_column_and_a_later_gap_takes_nothing_away():
    coarse, fine = series(at(["1", "2"])), series(at([None, "3", "4"]))
    table = built([coarse, fine], raw=True)
    assert table.frame["BTC_price"].to_list() == ["1", "3", "4"]


def test_nothing_at_all_is_no_table_and_says_of_what():
    with pytest.raises(UserMistake) as none:
        tables.make(TableRequest([], asked=((Symbol("NO"), Field.CAP),)))
    assert (none.value.key, none.value.values) == ("export.no_data", {"missing": ("NO_cap",)})


def test_a_step_too_fine_for_the_span_is_refused_before_the_grid_is_made():
    far_apart = series([Point(START, Decimal(1)), Point(START + timedelta(days=20_000), Decimal(1))])
    with pytest.raises(UserMistake) as mistake:
        built([far_apart], every=parse_every("1m"))
    assert mistake.value.key == "every.too_fine"
    assert mistake.value.values["rows"] == 20_000 * 1440 + 1


def test_a_million_cells_are_not_refused():
    lasting = [Point(START, Decimal(1)), Point(START + timedelta(minutes=tables.MOST_CELLS - 1), Decimal(1))]
    assert built([series(lasting)], every=parse_every("1m")).frame.height == tables.MOST_CELLS


NOMINAL_DAYS = {"1d": 1, "7d": 7, "30d": 30, "3m": 91, "1y": 365, "all": 16 * 365}


@pytest.mark.parametrize(
    ("period", "fitting"),
    [
        ("1d", ["5m", "5m", "5m"]),
        ("7d", ["1h", "30m", "15m"]),
        ("30d", ["4h", "2h", "1h"]),
        ("3m", ["12h", "4h", "2h"]),
        ("1y", ["2d", "1d", "12h"]),
        ("all", ["28d", "14d", "7d"]),
    ],
)
def test_without_a_step_the_grid_fits_the_sources_density(period, fitting):
    for count, expected in zip((300, 600, 1200), fitting, strict=True):
        made = walk(count, step_s=max(300, NOMINAL_DAYS[period] * 86400 // count), period=Period(period))
        stats = tables.make(TableRequest([made])).stats
        assert every_text(stats.every) == expected
        assert dict(stats.gaps)["BTC_price"] < 0.06


def test_one_point_goes_by_its_period():
    assert tables.make(TableRequest([series(at(["1"]), period=Period.YEAR)])).stats.every == timedelta(days=2)


@pytest.mark.parametrize(
    ("text", "every"),
    [("5m", timedelta(minutes=5)), (" 1H ", timedelta(hours=1)), ("7d", timedelta(days=7)), ("2w", timedelta(14))],
)
def test_a_step_is_read_as_people_type_it(text, every):
    assert parse_every(text) == every


@pytest.mark.parametrize(
    "text", ["", "5", "m", "1M", "0m", "-5m", "1.5h", "5 minutes", "٥m", "367d", "99999w", "5m\n5m"]
)
def test_what_is_not_quite_a_step_is_not_read(text):
    with pytest.raises(UserMistake) as mistake:
        parse_every(text)
    assert mistake.value.key == "every.unreadable"


@given(st.integers(1, 366 * 1440).map(lambda minutes: timedelta(minutes=minutes)))
def test_every_step_that_can_be_told_can_be_typed(every):
    text = every_text(every)
    if len(text) <= 6:
        assert parse_every(text) == every


def test_a_spreadsheet_does_not_run_a_symbol():
    assert column_name("=HYPERLINK(1)", "price").startswith("_=")
    assert column_name("$X", "price") == "$X_price"


def test_a_file_is_named_after_what_is_in_it():
    made = [walk(48, symbol=name, step_s=3600) for name in ("BTC", "../ETH", "A{B}", "D")]
    assert tables.make(TableRequest(made, parse_every("1h"))).document.name == "BTC_ETH_AB_and_1_more_7d_1h.csv"
