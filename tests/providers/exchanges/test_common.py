"""What all exchanges share: late import, few live accounts, one call at a time, patient reads, no secret shown."""

import asyncio
import gc
import json
import logging
import pickle
import subprocess
import sys
from datetime import timedelta
from decimal import getcontext

import pytest
from aiohttp import web

from bot.domain.errors import Refused, Unavailable
from bot.domain.orders import Credentials, Wallet
from bot.domain.ports import unhurried
from bot.providers.exchanges import ExchangeSection, connect
from bot.providers.exchanges._ccxt import MOST_LIVE
from bot.providers.exchanges._pace import Pace
from tests.providers.loopback import HandClock, hangs_up, http_proxy, says, socks5_proxy

from .cases import BINANCE, BITFINEX, CASES, HTX, OKX
from .conftest import CREDENTIALS
from .vendor import PAYLOADS

SPOT = {"binance": "GET /api/v3/account", "okx": "GET /api/v5/account/balance"}
SPOT |= {"htx": "GET /v1/account/accounts/1528640/balance", "bitfinex": "POST /v2/auth/r/wallets"}


def test_the_library_is_not_imported_before_an_exchange_is_used():
    code = (
        "import sys; from bot.providers.exchanges import connect, ExchangeSection\n"
        "made = connect(['binance', 'okx', 'htx', 'bitfinex'], lambda name: ExchangeSection('', None, None))\n"
        "assert list(made) == ['binance', 'okx', 'htx', 'bitfinex']\n"
        "from bot.domain.orders import Credentials\n"
        "[exchange.account('1', Credentials('k', 's')) for exchange in made.values()]\n"
        "assert not any(name.split('.')[0] == 'ccxt' for name in sys.modules), 'imported'"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)  # noqa: S603  # the text above


def test_exchanges_come_in_the_order_of_the_settings():
    made = connect(["htx", "binance"], lambda _: ExchangeSection("", None, HandClock()))
    assert [exchange.traits.name for exchange in made.values()] == ["htx", "binance"]


def test_former_names_are_told():
    made = connect([case.name for case in CASES], lambda _: ExchangeSection("", None, HandClock()))
    assert {alias for exchange in made.values() for alias in exchange.traits.aliases} == {"okex", "huobi"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_recorded_answer_names_its_source(case):
    payloads = json.loads((PAYLOADS / f"{case.name}.json").read_text(encoding="utf-8"))
    assert payloads
    assert all(answer["source"] for answer in payloads.values())


# Accounts -------------------------------------------------------------------------------------------------------------


async def test_an_id_has_one_account_while_it_is_in_use(desk):
    first = desk.exchange.account("1:1", CREDENTIALS)
    assert desk.exchange.account("1:1", CREDENTIALS) is first
    assert desk.exchange.account("1:2", CREDENTIALS) is not first


async def test_no_more_than_so_many_accounts_are_live_and_the_one_used_longest_ago_goes(make_desk):
    desk = await make_desk(BITFINEX)
    accounts = [desk.exchange.account(f"{n}:1", CREDENTIALS) for n in range(MOST_LIVE + 2)]
    for account in accounts[:MOST_LIVE]:
        await account.balance(Wallet.SPOT)
    await accounts[0].balance(Wallet.SPOT)
    for account in accounts[MOST_LIVE:]:
        await account.balance(Wallet.SPOT)
    assert len(desk.exchange._live) == MOST_LIVE
    assert accounts[0] in desk.exchange._live
    assert accounts[1] not in desk.exchange._live
    # Who was let go works on, with a new object.
    assert await accounts[1].balance(Wallet.SPOT)
    assert len(desk.exchange._live) == MOST_LIVE


async def test_an_account_that_rests_is_let_go_and_one_in_use_is_not(make_desk):
    desk = await make_desk(BITFINEX)
    resting, used = (desk.exchange.account(f"{n}:1", CREDENTIALS) for n in range(2))
    await resting.balance(Wallet.SPOT)
    await used.balance(Wallet.SPOT)
    desk.clock.go(200)
    await used.balance(Wallet.SPOT)
    desk.clock.go(200)
    await used.balance(Wallet.SPOT)
    assert list(desk.exchange._live) == [used]


async def test_an_account_nobody_holds_is_forgotten_with_its_credentials(make_desk):
    desk = await make_desk(BITFINEX)
    desk.exchange.account("9:1", Credentials("forgotten-key", "s"))
    gc.collect()
    assert "9:1" not in desk.exchange._accounts


async def test_accounts_share_the_tables_of_pairs_and_what_never_changes(desk):
    first, _ = await desk.exchange.live(desk.exchange.account("1:1", CREDENTIALS))
    second, _ = await desk.exchange.live(desk.exchange.account("2:1", CREDENTIALS))
    for name in ("markets", "markets_by_id", "urls", "api", "exceptions", "has"):
        assert getattr(first, name) is getattr(second, name)
    assert first.options is not second.options


async def test_calls_of_one_key_never_overlap_and_those_of_two_do(make_desk):
    desk = await make_desk(BINANCE)
    await desk.exchange.markets()
    at_once, most, released, arrived = 0, 0, asyncio.Event(), asyncio.Semaphore(0)

    async def waits(_: web.Request) -> web.Response:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        arrived.release()
        await released.wait()
        at_once -= 1
        return web.json_response(desk.body(SPOT["binance"]))

    desk.vendor.faults[SPOT["binance"]] = waits
    one, other = desk.exchange.account("1:1", CREDENTIALS), desk.exchange.account("2:1", CREDENTIALS)
    calls = asyncio.gather(*(one.balance(Wallet.SPOT) for _ in range(5)), other.balance(Wallet.SPOT))
    await arrived.acquire()
    await arrived.acquire()
    assert at_once == 2
    released.set()
    await calls
    assert most == 2
    assert len(desk.vendor.calls("GET", "/api/v3/account")) == 6


async def test_a_sweep_leaves_half_of_a_burst_to_people_and_then_stands_in_line_like_them():
    clock = HandClock()
    pace = Pace(clock, clock.sleep, unit_s=1.0)
    await pace.stand_aside()
    assert clock.slept == []  # nobody has asked for a while: five seconds' worth are free
    await pace.turn(4, 20)
    await pace.stand_aside()
    assert sum(clock.slept) == pytest.approx(4 * 1.1 - 2.5)
    await pace.turn(20, 20)
    clock.slept.clear()
    await pace.stand_aside()
    assert clock.slept == [2.0]  # however much people ask


async def test_what_nobody_waits_for_stands_aside_and_a_person_does_not(make_desk):
    desk = await make_desk(BINANCE)
    await desk.account.balance(Wallet.SPOT)
    await desk.exchange._pace.turn(1_000, 20)
    desk.clock.slept.clear()

    with pytest.raises(Unavailable):  # the line is longer than its patience
        await desk.account.balance(Wallet.SPOT)
    assert desk.clock.slept == []
    with unhurried(), pytest.raises(Unavailable):
        await desk.account.balance(Wallet.SPOT)
    assert desk.clock.slept == [2.0]


async def test_the_number_of_each_call_to_bitfinex_is_above_the_last(make_desk):
    desk = await make_desk(BITFINEX)
    for _ in range(3):
        await desk.account.balance(Wallet.SPOT)
    numbers = [int(asked.headers["bfx-nonce"]) for asked in desk.vendor.asked if "bfx-nonce" in asked.headers]
    assert numbers == sorted(set(numbers))


# Reads ----------------------------------------------------------------------------------------------------------------


def after(times: int, fault, body: object):
    """`fault` so many times, then the answer."""
    left = [times]

    async def handler(request: web.Request) -> web.StreamResponse:
        left[0] -= 1
        return await fault(request) if left[0] >= 0 else web.json_response(body)

    return handler


@pytest.mark.parametrize("fault", [hangs_up, says("<h1>Bad Gateway</h1>", 502, "text/html"), says(b"")])
async def test_a_read_is_tried_again(desk, fault):
    call = SPOT[desk.case.name]
    desk.vendor.faults[call] = after(2, fault, desk.body(call))
    assert await desk.account.balance(Wallet.SPOT)
    assert len(desk.vendor.calls(*call.split())) == 3
    assert desk.clock.slept


async def test_a_read_is_given_up_kindly(desk):
    call = SPOT[desk.case.name]
    desk.vendor.faults[call] = says("<h1>Bad Gateway</h1>", 502, "text/html")
    with pytest.raises(Unavailable) as unavailable:
        await desk.account.balance(Wallet.SPOT)
    assert unavailable.value.key == "source.down"
    assert len(desk.vendor.calls(*call.split())) == 3
    assert unavailable.value.__context__ is None


async def test_a_read_that_is_refused_is_not_tried_again(make_desk):
    desk = await make_desk(BINANCE)
    desk.vendor.faults[SPOT["binance"]] = says('{"code": -2015, "msg": "Invalid API-key, IP, or permissions."}', 401)
    with pytest.raises(Refused) as refused:
        await desk.account.balance(Wallet.SPOT)
    assert refused.value.key == "exchange.refused.key"
    assert len(desk.vendor.calls("GET", "/api/v3/account")) == 1


@pytest.mark.parametrize(
    "body", ["{}", "7", "null", '"text"', '{"data": 7}', '{"status":"ok","data":null,"code":"0"}', '[{"a": 1}]', "[7]"]
)
async def test_nonsense_of_any_shape_is_not_taken_for_an_empty_account(desk, body):
    call = SPOT[desk.case.name]
    desk.vendor.faults[call] = says(body)
    with pytest.raises(Unavailable) as unavailable:
        await desk.account.balance(Wallet.SPOT)
    assert unavailable.value.key == "source.garbled"


@pytest.mark.parametrize("body", ["{}", "7", "null", '{"msg": "hello"}', '[{"a": 1}]'])
async def test_nonsense_is_not_taken_for_no_open_orders(desk, body):
    calls = {
        "binance": "GET /api/v3/openOrders",
        "okx": "GET /api/v5/trade/orders-pending",
        "htx": "GET /v1/order/openOrders",
        "bitfinex": "POST /v2/auth/r/orders/tETHUSD",
    }
    desk.vendor.faults[calls[desk.case.name]] = says(body)
    with pytest.raises(Unavailable):
        await desk.account.open_orders(desk.case.trading)


async def test_asked_to_wait_nobody_is_asked_until_then(desk):
    call = SPOT[desk.case.name]
    desk.vendor.faults[call] = says("{}", 429, Retry_After="20")
    with pytest.raises(Unavailable) as busy:
        await desk.account.balance(Wallet.SPOT)
    assert busy.value.retry_at == desk.clock.now() + timedelta(seconds=20)
    asked = len(desk.vendor.asked)
    with pytest.raises(Unavailable):
        await desk.exchange.tickers([desk.case.symbol])
    assert len(desk.vendor.asked) == asked
    desk.clock.go(21)
    del desk.vendor.faults[call]
    assert await desk.account.balance(Wallet.SPOT)


# Ways -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("opened", [http_proxy, socks5_proxy])
async def test_every_call_takes_the_proxy(make_desk, opened):
    async with opened() as proxy:
        desk = await make_desk(OKX, proxy=proxy.url)
        await desk.exchange.tickers([OKX.symbol])
        await desk.account.balance(Wallet.SPOT)
        assert {target.split(":")[0] for target in proxy.reached} == {"127.0.0.1"}
        await desk.exchange.close()


async def test_the_environments_proxies_are_not_looked_at(make_desk, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    desk = await make_desk(BINANCE)
    assert await desk.account.balance(Wallet.SPOT)


# Rights ---------------------------------------------------------------------------------------------------------------

RIGHTS = {
    "binance": "GET /sapi/v1/account/apiRestrictions",
    "okx": "GET /api/v5/account/config",
    "htx": "GET /v2/user/api-key",
    "bitfinex": "POST /v2/auth/r/permissions",
}


async def test_rights_are_the_payloads(make_desk):
    async def rights(case):
        said = await (await make_desk(case)).account.permissions()
        return said.trade, said.withdraw, said.ip_bound

    assert await rights(BINANCE) == (True, False, False)
    assert await rights(OKX) == (True, True, False)
    assert await rights(HTX) == (True, False, True)
    assert await rights(BITFINEX) == (True, False, None)


async def test_what_a_key_may_beside_trading_is_warned_of(make_desk):
    binance = await (await make_desk(BINANCE)).account.permissions()
    assert binance.warnings == ("enableInternalTransfer", "permitsUniversalTransfer")
    bitfinex = await (await make_desk(BITFINEX)).account.permissions()
    assert bitfinex.warnings == ("wallets",)


async def test_when_a_key_ends_and_how_far_the_clocks_are_apart_is_told(make_desk):
    desk = await make_desk(HTX)
    said = await desk.account.permissions()
    assert said.expires_at == desk.clock.now() + timedelta(days=25)
    assert said.skew is not None
    assert said.skew < timedelta(days=-365)


@pytest.mark.parametrize(
    ("case", "body"),
    [
        (BITFINEX, [["orders", 1, 1], ["withdraw", 0, 0], ["ui_withdraw", 0, 1]]),
        (BITFINEX, [["orders", 1, 1], ["withdraw", 0, 1], ["ui_withdraw", 0, 0]]),
        (BINANCE, {"enableWithdrawals": True, "enableSpotAndMarginTrading": True}),
        (BINANCE, {"enableWithdrawals": "true", "enableSpotAndMarginTrading": True}),
        (OKX, {"code": "0", "data": [{"perm": "read_only,trade,withdraw", "ip": ""}]}),
        (HTX, {"code": 200, "data": [{"accessKey": CREDENTIALS.key, "permission": "readOnly,withdraw"}]}),
    ],
)
async def test_a_key_that_may_withdraw_is_seen(make_desk, case, body):
    desk = await make_desk(case)
    desk.vendor.faults[RIGHTS[case.name]] = says(json.dumps(body))
    assert (await desk.account.permissions()).withdraw is True


@pytest.mark.parametrize(
    ("case", "body"),
    [
        (BITFINEX, [["orders", 1, 1]]),
        (BITFINEX, [["withdraw", 0, "perhaps"]]),
        (BITFINEX, []),
        (BINANCE, {"enableSpotAndMarginTrading": True}),
        (BINANCE, {"enableWithdrawals": None}),
        (OKX, {"code": "0", "data": [{"ip": ""}]}),
        (OKX, {"code": "0", "data": [{"perm": ""}]}),
        (OKX, {"code": "0", "data": []}),
        (OKX, {"code": "0", "data": [{"perm": ["trade"]}]}),
        (HTX, {"code": 200, "data": [{"accessKey": "another", "permission": "readOnly,trade"}]}),
        (HTX, {"code": 200, "data": []}),
    ],
)
async def test_where_a_field_is_missing_the_right_to_withdraw_is_not_known(make_desk, case, body):
    desk = await make_desk(case)
    desk.vendor.faults[RIGHTS[case.name]] = says(json.dumps(body))
    assert (await desk.account.permissions()).withdraw is None


async def test_where_the_call_fails_the_rights_are_not_told(desk):
    desk.vendor.faults[RIGHTS[desk.case.name]] = says("<h1>Bad Gateway</h1>", 502, "text/html")
    with pytest.raises(Unavailable):
        await desk.account.permissions()


# Secrets --------------------------------------------------------------------------------------------------------------


async def test_nothing_shows_a_secret(desk, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    account = desk.account
    order = await account.place(desk.case.request())
    await account.open_orders()
    desk.vendor.faults[SPOT[desk.case.name]] = says("<h1>no</h1>", 502, "text/html")
    with pytest.raises(Unavailable) as unavailable:
        await account.balance(Wallet.SPOT)
    client, link = await desk.exchange.live(account)
    shown = [repr(account), str(account), repr(order), repr(unavailable.value), repr(client), repr(desk.exchange)]
    shown += [repr(link), caplog.text, "".join(capfd.readouterr()), repr(account.credentials)]
    for secret in (CREDENTIALS.key, CREDENTIALS.secret, CREDENTIALS.password):
        assert secret not in " ".join(shown)
    assert "ignature" not in caplog.text


async def test_an_account_cannot_be_written_away(desk):
    with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
        pickle.dumps(desk.account)


async def test_the_last_signed_call_is_not_kept(desk):
    await desk.account.balance(Wallet.SPOT)
    client, _ = await desk.exchange.live(desk.account)
    kept = (
        f"{client.last_request_url}{client.last_request_body}{client.last_request_headers}{client.last_http_response}"
    )
    assert CREDENTIALS.key not in kept
    assert "ignature" not in kept


async def test_an_orders_raw_record_holds_nothing_that_signs(make_desk):
    desk = await make_desk(BINANCE)
    record = {
        **desk.body("GET /api/v3/order"),
        "signature": "abcdef",
        "apiKey": "x",
        "note": f"by {CREDENTIALS.secret}",
    }
    desk.vendor.faults["GET /api/v3/order"] = says(json.dumps(record))
    order = await desk.account.order("LTC/BTC", "1")
    assert (order.raw["signature"], order.raw["apiKey"], order.raw["note"]) == ("…", "…", "…")
    assert order.raw["origQty"] == "1.0"


async def test_a_raw_record_is_of_bounded_size(make_desk):
    desk = await make_desk(BINANCE)
    record = {**desk.body("GET /api/v3/order"), "long": "x" * 100_000, "many": list(range(10_000))}
    desk.vendor.faults["GET /api/v3/order"] = says(json.dumps(record))
    order = await desk.account.order("LTC/BTC", "1")
    assert len(json.dumps(order.raw)) < 10_000


async def test_what_the_library_computes_changes_nobodys_rounding(desk):
    before = getcontext().rounding, dict(getcontext().traps)
    await desk.account.place(desk.case.request())
    client, _ = await desk.exchange.live(desk.account)
    client.price_to_precision(desk.case.symbol, "1.25")
    assert (getcontext().rounding, dict(getcontext().traps)) == before
