"""Tables to take away, in the chat and from a shell: the same words, the same coins, and nothing missing unsaid."""

import argparse
import asyncio
import csv
import io
import signal
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from bot import cli, export
from bot import settings as settings_table
from bot.charts import TableStats
from bot.texts import Catalogue
from tests.desk import Told, World, asked, eventually, pressed

CHARTS = "/api/v1/assets/get_charts"


@dataclass
class Done:
    code: int
    said: list[str]
    file: Path

    @property
    def columns(self) -> list[str]:
        return self.file.read_text().partition("\n")[0].split(",")[1:]


@pytest.fixture
def shell(world: World, told: Told, capsys: pytest.CaptureFixture[str]):  # noqa: ARG001  # it keeps the log's set-up
    parser = argparse.ArgumentParser()
    cli._for_export(parser)

    async def run(line: str, out: str = "out.csv") -> Done:
        chosen = settings_table.read(world.environment(), dotenv=world.folder / "none")
        file = world.folder / out
        arguments = parser.parse_args([*line.split(), "--out", str(file)])
        code = await asyncio.to_thread(export.run, chosen, arguments)
        return Done(code, capsys.readouterr().err.splitlines(), file)

    return run


def header(content: bytes) -> list[str]:
    return next(csv.reader(io.StringIO(content.decode())))


# --- which coin -----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize(
    ("word", "symbol", "told_as"),
    [
        ("nova", "NOVAPRO", "NOVA = Nova Protocol (NOVAPRO)"), ("NVA", "NOVA", "NVA = Novarium (NOVA)"),
        ("bitcoin", "BTC", "BITCOIN = Bitcoin (BTC)"), ("=NOVA", "NOVA", "NVA = Novarium (NOVA)"),
        ("btc", "BTC", ""),
    ],
)  # fmt: skip
async def test_a_word_means_the_same_coin_in_the_shell_as_in_the_chat(world: World, shell, word, symbol, told_as):
    done = await shell(f"{word} --period 7d")
    chat = await asked(world.alice, f"/export {word} 7d")
    assert done.code == 0
    assert [*header(chat.file)[1:]] == done.columns == [f"{symbol}_price"]
    assert (told_as in chat.text, f"  {told_as}" in done.said) == (True, bool(told_as))


async def test_a_parquet_file_says_who_stands_behind_its_columns(shell):
    done = await shell("nva --period 7d", "out.parquet")
    assert pl.read_parquet_metadata(done.file)["coins"] == "NVA = Novarium (NOVA)"


async def test_a_shell_is_told_who_answers_to_a_ticker_and_takes_the_word_for_each(shell):
    done = await shell("btc,orb")
    assert (done.code, done.file.exists()) == (1, False)
    assert done.said == ["Several coins are called ORB. Say which one: '=ORB' (Orbis), '=ORBIT' (Orbit Relay)"]
    assert (await shell("btc,=orbit --period 7d")).columns == ["BTC_price", "ORBIT_price"]


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("line", ["/export btc,orb 7d every 1d", "/export orb btc 7d every 1d"])
async def test_in_a_chat_it_is_asked_for_and_the_rest_of_the_line_stays(world: World, line):
    question = await asked(world.alice, line)
    assert question.text.startswith("Which ORB?")
    done = await pressed(world.alice, question, next(text for text in question.labels if "Orbit Relay" in text))
    assert done.file is not None
    assert set(header(done.file)) == {"time", "BTC_price", "ORBIT_price"}
    assert "One row every 24 h" in done.text


@pytest.mark.usefixtures("desk")
async def test_so_it_is_in_a_table_of_prices_which_then_stays_with_that_coin(world: World):
    alice = world.alice
    question = await asked(alice, "/price orb btc")
    assert question.text.startswith("Which ORB?")
    table = await pressed(alice, question, next(text for text in question.labels if "Orbit Relay" in text))
    assert [line[:3] for line in table.text.splitlines()[:2]] == ["ORB", "BTC"]
    assert table.button(table.labels[0])["callback_data"] == "!price =ORBIT BTC"


# --- what is in it --------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("desk")
async def test_where_no_field_is_named_the_whole_market_has_its_cap(world: World, shell):
    columns = ["BTC_price", "ETH_price", "SUM_ALL_COINS_cap"]
    chat = await asked(world.alice, "/export BTC,ETH,SUM_ALL_COINS 7d")
    assert header(chat.file)[1:] == columns
    assert (await shell("BTC ETH SUM_ALL_COINS --period 7d")).columns == columns
    alone = await shell("SUM_ALL_COINS --period 7d")
    assert (alone.code, alone.columns) == (0, ["SUM_ALL_COINS_cap"])


async def test_many_coins_go_with_one_call_a_field(world: World, shell):
    done = await shell("btc eth sol --fields price,cap --period 7d")
    assert done.code == 0
    calls = [call.query for call in world.coincodex.requests if call.path == CHARTS]
    assert [(call["assets"], call["include"]) for call in calls] == [
        ("BTC,ETH,SOL", "price"), ("BTC,ETH,SOL", "market_cap"),
    ]  # fmt: skip


async def test_more_coins_than_one_call_takes_are_all_there(market, world: World, shell):
    coins = [f"={coin.symbol}" for coin in market.coins if coin.kind == "crypto" and coin.price][:25]
    done = await shell(f"{','.join(coins)} --period 7d --samples lg")
    assert (done.code, len(done.columns)) == (0, 25)
    assert world.coincodex.calls[CHARTS] == 2


async def test_words_are_those_of_the_chat(shell):
    done = await shell("btc --period 1m --fields mcap,vol --every 1D")
    assert (done.code, done.columns) == (0, ["BTC_cap", "BTC_volume"])
    assert done.said[0].endswith("every 1d")


# --- what is not in it ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "out", "word"),
    [
        ("--period 2y", "out.csv", "2y"), ("--fields open", "out.csv", "open"), ("--every 5x", "out.csv", "5x"),
        ("--samples xl", "out.csv", "xl"), ("", "out.txt", "txt"),
    ],
)  # fmt: skip
async def test_a_word_that_is_not_known_is_a_mistake_of_usage(world: World, shell, options, out, word):
    done = await shell(f"btc {options}", out)
    assert (done.code, len(done.said)) == (2, 1)
    assert word in done.said[0]
    assert not world.coincodex.calls


async def test_who_has_no_data_is_named_and_the_rest_is_written(shell):
    done = await shell("btc,void,nosuchcoin --period 7d")
    assert (done.code, done.columns) == (1, ["BTC_price"])
    assert "  no data at all: VOID" in done.said
    assert any("I do not know NOSUCHCOIN" in line for line in done.said)


async def test_where_nobody_has_data_each_is_named_and_there_is_no_file(shell):
    done = await shell("void --fields price,cap --period 7d")
    assert (done.code, done.file.exists()) == (1, False)
    assert done.said == [f"{done.file} is not written, as there is nothing to write:", "  no data at all: VOID"]


@pytest.mark.usefixtures("desk")
async def test_in_a_chat_it_is_named_too(world: World):
    said = (await asked(world.alice, "/export void 7d")).text
    assert said == "The source has no data for VOID_price, so there is no table."


async def test_what_came_before_the_source_failed_is_written_and_the_rest_named(world: World, shell):
    world.coincodex.faults.set("slow", 1, times=1, only="get_charts")
    running = asyncio.gather(shell("btc eth --fields price,cap --period 7d"))
    await eventually(lambda: world.coincodex.calls[CHARTS])
    world.coincodex.faults.set("limited", 600)  # for what is asked from now on
    (done,) = await running
    assert (done.code, done.columns) == (1, ["BTC_price", "ETH_price"])
    assert "  not fetched: BTC_cap, ETH_cap" in done.said
    assert not any("no data at all" in line for line in done.said)


async def test_a_source_that_is_down_is_said_in_one_line(world: World, shell):
    world.coincodex.faults.set("limited", 600)
    done = await shell("btc --period 7d")
    assert (done.code, len(done.said), done.file.exists()) == (1, 1, False)
    assert "CoinCodex" in done.said[0]


async def test_lines_stay_whole_however_many_names_are_in_them(shell):
    done = await shell("btc void --period 7d", f"{'a-long-name-' * 8}.csv")
    assert len(done.said[0]) > 96
    assert done.said[2:] == [
        "  left out, as there is nothing in them: VOID_price",
        "  Data: CoinCodex (CC BY-NC 3.0)",
        "  no data at all: VOID",
    ]


def test_a_gap_however_small_is_not_none():
    """No gap, some, and one row in a hundred thousand."""
    moment, said = datetime(2026, 11, 21, tzinfo=UTC), []
    gaps = (("A_price", 0.0), ("B_price", 0.125), ("C_price", 0.00001))
    stats = TableStats("t.csv", "csv", (), 100_000, moment, moment, timedelta(days=1), gaps, (), (), "Data: X")
    export._tell_table(stats, SimpleNamespace(out="t.csv"), Catalogue.load().pick("en"), said.append)
    assert said[1:4] == ["  A_price: no gaps", "  B_price: 12.5% gaps", "  C_price: < 0.1% gaps"]


@pytest.fixture
def _heard():
    """What runs in the background ignores Ctrl-C, and so would what it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_heard")
async def test_ctrl_c_is_one_plain_line(world: World, make_process):
    world.coincodex.faults.set("slow", 600, only="get_charts")
    process = make_process()
    await process.start("export", "btc", "--out", "out.csv")
    await eventually(lambda: world.coincodex.calls[CHARTS])
    assert await process.interrupt() == cli.INTERRUPTED == 130
    assert process.said == "changedesk: stopped before it was done\n"
    assert not (world.folder / "out.csv").exists()
