"""JSON-RPC as v1 and v2 speak it: one method table, two ways with amounts, times and errors."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from aiohttp import web

from bot.sandbox.changelly import problems, rows
from bot.sandbox.changelly.coins import SwapCoin
from bot.sandbox.changelly.engine import Engine, FixedRate, Order
from bot.sandbox.changelly.problems import OutOfRange, Problem, invalid
from bot.sandbox.changelly.transactions import Transaction
from bot.sandbox.changelly.wire import amount, answered, maybe, microseconds, parsed, ticker, word
from bot.sandbox.coincodex.wire import plain

Version: TypeAlias = Literal["v1", "v2"]
Params: TypeAlias = dict[str, Any] | list[Any]
MOST_PICKED, USUAL_LIMIT, MOST_LIMIT = 10, 10, 100
MOST_IDENT = 10**15
CREATIONS = {"createTransaction", "createFixTransaction"}
LOOKUPS = {"getTransactions", "getStatus"}


class Rpc:
    """Both dialects over one engine."""

    def __init__(self, engine: Engine, version: Version) -> None:
        self._engine = engine
        self._version: Version = version
        self._methods: Mapping[str, Callable[[str, Params], Any]] = {
            "getCurrencies": self._currencies,
            "getCurrenciesFull": self._currencies_full,
            "getPairs": self._pairs,
            "getPairsParams": self._pairs_params,
            "getMinAmount": self._min_amount,
            "getExchangeAmount": self._exchange_amount,
            "getFixRateForAmount": self._fix_rate_for_amount,
            "getFixRate": self._fix_rate,
            "validateAddress": self._validate,
            "createTransaction": self._create,
            "createFixTransaction": self._create_fixed,
            "getStatus": self._status,
            "getTransactions": self._transactions,
        }

    def knows(self, method: str) -> bool:
        return method in self._methods

    def answer(self, owner: str, asked: Any) -> web.Response:
        """To one envelope, as parsed; every complaint has status 200."""
        ident = ident_of(asked)
        try:
            return said(ident, self._called(owner, asked))
        except Problem as problem:
            return refused(ident, self._worded(problem))

    def _called(self, owner: str, asked: Any) -> Any:
        if not isinstance(asked, dict) or asked.get("jsonrpc") != "2.0" or not isinstance(asked.get("method"), str):
            raise Problem(-32600, "Invalid Request")
        method = self._methods.get(asked["method"])
        if method is None:
            raise Problem(-32601, "Method not found")
        params = asked.get("params")
        if params is None:
            params = {}
        if not isinstance(params, dict | list):
            raise Problem(-32602, "Invalid params")
        return method(owner, params)

    def _worded(self, problem: Problem) -> Problem:
        if self._version == "v1" and isinstance(problem, OutOfRange):
            word_ = problem.word.replace("maximum", "maximal")
            return Problem(-32600, f"Invalid amount: {word_} amount is {plain(problem.limit)}")
        return problem

    def _currencies(self, _owner: str, _params: Params) -> list[str]:
        return [coin.ticker for coin in self._engine.coins.values() if coin.enabled]

    def _currencies_full(self, _owner: str, _params: Params) -> list[rows.Row]:
        return [rows.currency(coin) for coin in self._engine.coins.values()]

    def _pairs(self, _owner: str, params: Params) -> list[dict[str, str]]:
        one = _object(params)
        kind = maybe(one, "txType")
        if kind not in {"", "float", "fixed"}:
            raise invalid("txType")
        wanted = {"from": maybe(one, "from").lower(), "to": maybe(one, "to").lower()}
        return [
            {"from": a.ticker, "to": b.ticker}
            for a, b in self._engine.pairs(fixed=kind == "fixed")
            if wanted["from"] in {"", a.ticker} and wanted["to"] in {"", b.ticker}
        ]

    def _pairs_params(self, _owner: str, params: Params) -> list[rows.Row]:
        def row(asked: dict[str, Any]) -> rows.Row:
            source, target = self._pair(asked)
            loose, fixed = (self._engine.pricing.limits(source, target, fixed=fixed) for fixed in (False, True))
            return {
                "from": source.ticker, "to": target.ticker,
                "minAmountFloat": plain(loose.least), "maxAmountFloat": plain(loose.most),
                "minAmountFixed": plain(fixed.least), "maxAmountFixed": plain(fixed.most),
            }  # fmt: skip

        return _each(params, row)

    def _min_amount(self, _owner: str, params: Params) -> str:
        return plain(self._engine.pricing.limits(*self._pair(_object(params)), fixed=False).least)

    def _exchange_amount(self, _owner: str, params: Params) -> Any:
        def row(asked: dict[str, Any]) -> rows.Row:
            return rows.estimate(self._engine.estimate(*self._pair(asked), self._amount_from(asked)), self._version)

        made = _each(params, row)
        return made[0]["result"] if self._version == "v1" and isinstance(params, dict) else made

    def _fix_rate_for_amount(self, owner: str, params: Params) -> list[rows.Row]:
        return _each(params, lambda asked: rows.fixed_quote(self._promised(owner, asked)))

    def _fix_rate(self, owner: str, params: Params) -> list[rows.Row]:
        def row(asked: dict[str, Any]) -> rows.Row:
            pair = self._pair(asked, fixed=True)
            least = self._engine.pricing.limits(*pair, fixed=True).least
            return rows.fixed_rate(self._engine.fix_rate(owner, pair, amount=least * 2))

        return _each(params, row)

    def _promised(self, owner: str, asked: dict[str, Any]) -> FixedRate:
        pair, (sent, got) = self._pair(asked, fixed=True), self._either(asked)
        return self._engine.fix_rate(owner, pair, amount=sent, net=got)

    def _validate(self, _owner: str, params: Params) -> rows.Row:
        one = _object(params)
        coin = self._engine.coins.get(ticker(one, "currency"))
        if coin is None:
            raise problems.unknown_coin(ticker(one, "currency"))
        wrong = self._engine.valid(coin, word(one, "address"), maybe(one, "extraId"))
        return {"result": False, "message": wrong} if wrong else {"result": True}

    def _create(self, owner: str, params: Params) -> rows.Row:
        one = _object(params)
        swap = self._engine.create(owner, self._order(one), self._amount_from(one))
        return rows.created(swap, self._version)

    def _create_fixed(self, owner: str, params: Params) -> rows.Row:
        one = _object(params)
        order, (sent, got) = self._order(one, fixed=True), self._either(one)
        word(one, "refundAddress")
        swap = self._engine.create_fixed(owner, order, word(one, "rateId"), amount=sent, net=got)
        return rows.created(swap, self._version)

    def _order(self, one: dict[str, Any], *, fixed: bool = False) -> Order:
        source, target = self._pair(one, fixed=fixed)
        return Order(
            source, target, word(one, "address"), maybe(one, "extraId"), maybe(one, "refundAddress"),
            maybe(one, "refundExtraId"),
        )  # fmt: skip

    def _status(self, owner: str, params: Params) -> str:
        swap = self._engine.one(owner, word(_object(params), "id"))
        if swap is None:
            raise Problem(*problems.NO_SUCH)
        return swap.status

    def _transactions(self, owner: str, params: Params) -> list[rows.Row]:
        one = _object(params)
        idents, payouts = _picked(one, "id", MOST_PICKED), _picked(one, "payoutAddress", MOST_PICKED)
        found = [swap for swap in self._engine.found(owner, idents=idents, payouts=payouts) if self._wanted(one, swap)]
        start, limit = _whole(one, "offset", 0), _whole(one, "limit", USUAL_LIMIT, MOST_LIMIT)
        now = self._engine.now()
        return [rows.transaction(swap, self._version, now) for swap in found[start : start + limit]]

    def _wanted(self, one: dict[str, Any], swap: Transaction) -> bool:
        """Where both ids and payout addresses are given, both must fit. v1 knows no `since`."""
        wanted = {
            "payoutAddress": swap.payout_address,
            "status": swap.status,
            "currency": swap.source.ticker,
            "address": swap.payin_address,
            "extraId": swap.payin_memo,
        }
        for name, value in wanted.items():
            picked = _picked(one, name, MOST_PICKED)
            if picked is not None and value not in picked:
                return False
        since = _whole(one, "since", 0) if self._version == "v2" else 0
        return microseconds(swap.created_at) >= since

    def _pair(self, asked: dict[str, Any], *, fixed: bool = False) -> tuple[SwapCoin, SwapCoin]:
        return self._engine.pair(ticker(asked, "from"), ticker(asked, "to"), fixed=fixed)

    def _amount_from(self, asked: dict[str, Any]) -> Decimal:
        """v2 wants text; v1 took numbers too, and an older name."""
        if self._version == "v1":
            return amount(asked, "amountFrom" if "amountFrom" in asked else "amount", numbers=True)
        return amount(asked, "amountFrom")

    def _either(self, asked: dict[str, Any]) -> tuple[Decimal | None, Decimal | None]:
        """What to send or what to get: exactly one."""
        sent, got = asked.get("amountFrom") is not None, asked.get("amountTo") is not None
        if sent == got:
            raise invalid("amountFrom")
        numbers = self._version == "v1"
        return (amount(asked, "amountFrom", numbers=numbers), None) if sent else (
            None, amount(asked, "amountTo", numbers=numbers),
        )  # fmt: skip


def said(ident: Any, result: Any) -> web.Response:
    return answered({"jsonrpc": "2.0", "id": ident, "result": result})


def refused(ident: Any, problem: Problem) -> web.Response:
    error: dict[str, Any] = {"code": problem.code, "message": problem.message}
    if problem.data is not None:
        error["data"] = problem.data
    return answered({"jsonrpc": "2.0", "id": ident, "error": error})


def method_of(asked: Any) -> str:
    """Empty where there is none."""
    return asked["method"] if isinstance(asked, dict) and isinstance(asked.get("method"), str) else ""


def ident_of(asked: Any) -> str | int | float | None:
    """What comes back with the answer: text and numbers as they went, nothing for anything else."""
    ident = asked.get("id") if isinstance(asked, dict) else None
    if isinstance(ident, Decimal):
        return float(ident) if abs(ident) < MOST_IDENT else None
    return ident if isinstance(ident, str | int) else None


def read(body: bytes) -> Any:
    """The envelope. Raises Problem."""
    try:
        return parsed(body)
    except ValueError:
        raise Problem(-32700, "Parse error") from None


def _object(params: Params) -> dict[str, Any]:
    """The one object; an empty list stands for an empty one."""
    one = params if isinstance(params, dict) else (params[0] if params else {})
    if not isinstance(one, dict):
        raise Problem(-32602, "Invalid params")
    return one


def _each(params: Params, row: Callable[[dict[str, Any]], rows.Row]) -> list[rows.Row]:
    """An object is answered or refused; of a list, what is wrong falls out without a word."""
    if isinstance(params, dict):
        return [row(params)]
    made = []
    for asked in params:
        try:
            made.append(row(_object(asked) if isinstance(asked, dict) else _object([asked])))
        except Problem:
            continue
    return made


def _picked(one: dict[str, Any], name: str, most: int) -> set[str] | None:
    """One text or some; None for all."""
    value = one.get(name)
    if value is None:
        return None
    values = value if isinstance(value, list) else [value]
    if not values or len(values) > most or not all(isinstance(each, str) for each in values):
        raise invalid(name)
    return set(values)


def _whole(one: dict[str, Any], name: str, usual: int, most: int = 2**63) -> int:
    value = one.get(name)
    if value is None:
        return usual
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise invalid(name)
    return value
