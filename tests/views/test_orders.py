"""Lists of orders, trades and balances: within Telegram's limits, whatever an exchange answers."""

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.balances import Portfolio, Silent, Statement, Worth
from bot.domain.errors import Unavailable
from bot.domain.order_lists import Done, Listed, OrderSheet, Place, TradeSheet
from bot.domain.orders import Holding, Kind, Order, OrderState, Side, Trade, Wallet
from bot.views import balances, orders

from .odd import NOW, figures, moments, names, some, texts, zones
from .wire import check

kinds, sides, wallets = (st.one_of(st.none(), st.sampled_from(values)) for values in (Kind, Side, Wallet))
symbols = st.one_of(names, st.sampled_from(["BTC/USDT", "BTC/USDT:USDT", "/", ":"]))
raws = st.dictionaries(names, st.one_of(names, figures, st.none(), st.integers()), max_size=4)
some_order = st.builds(
    Order, names, symbols, st.sampled_from(OrderState), names, sides, kinds, wallets,
    figures, figures, figures, figures, figures, figures, names, st.one_of(st.none(), moments), raws,
)  # fmt: skip
some_trade = st.builds(Trade, names, moments, sides, figures, figures, symbols, names, figures, names)
places = st.builds(Place, names, st.sampled_from(["binance", "bitfinex"]), names)
silents = st.lists(st.builds(Silent, names, names, st.just(Unavailable("storage.down"))), max_size=3)
listed = st.builds(Listed, places, some_order)
done = st.builds(Done, places, some_trade)
plain_figures = st.decimals(min_value=0, max_value=10**15, places=18)
holdings = st.builds(Holding, names, figures, figures, plain_figures)
worths = st.lists(st.builds(Worth, st.sampled_from(Wallet), holdings, st.one_of(st.none(), plain_figures)), max_size=60)
statements = st.builds(
    Statement, names, st.just("binance"), names, st.just("0a1b2c3d"),
    st.lists(st.sampled_from(Wallet), min_size=1, max_size=3, unique=True).map(tuple), worths.map(tuple), moments,
)  # fmt: skip


@some
@given(st.lists(listed, max_size=40), silents, texts, zones)
def test_no_orders_whatever_break_their_list(rows, silent, language, zone):
    sheet = OrderSheet(tuple(rows), len(rows) + 3, tuple(silent))
    check(orders.listed(sheet, title="orders.head", none="orders.none", again=("orders",), now=NOW, texts=language,
                        zone=zone))  # fmt: skip


@some
@given(listed, texts, zones)
def test_no_order_whatever_breaks_its_card_or_the_exchanges_answer(row, language, zone):
    check(orders.card(row, now=NOW, texts=language, zone=zone))
    check(orders.raw(row, texts=language))


@some
@given(st.lists(done, max_size=40), silents, texts)
def test_no_trades_whatever_break_their_list_or_their_table(rows, silent, language):
    sheet = TradeSheet(tuple(rows), len(rows), tuple(silent))
    check(orders.trades(sheet, again=("mytrades",), now=NOW, texts=language))
    document = orders.table(sheet, now=NOW, texts=language).document
    assert document.content.startswith(b"time_utc,")


@some
@given(statements, texts)
def test_no_balance_whatever_breaks_its_message(one, language):
    check(balances.statement(one, wallets=tuple(Wallet), now=NOW, texts=language))


@some
@given(st.lists(statements, max_size=4), silents, texts)
def test_no_portfolio_whatever_breaks_its_message(several, silent, language):
    check(balances.portfolio(Portfolio(tuple(several), tuple(silent)), now=NOW, texts=language))
