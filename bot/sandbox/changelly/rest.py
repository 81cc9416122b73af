"""The third dialect: paths, plain objects, HTTP statuses for errors; it knows no memo, no refund address, no lists."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from aiohttp import web

from bot.sandbox.changelly.accounts import Stranger
from bot.sandbox.changelly.engine import Engine, Order
from bot.sandbox.changelly.problems import Problem, invalid
from bot.sandbox.changelly.rows import Row, plain
from bot.sandbox.changelly.transactions import Transaction
from bot.sandbox.changelly.wire import amount, answered, iso, maybe, parsed, ticker, word
from bot.sandbox.coincodex.wire import plain as shortest
from bot.sandbox.exchange.faults import Call

# Its list of statuses is shorter: what it calls otherwise, and what it has no word for.
OWN_WORDS = {"new": "pending", "waiting": "pending"}
MISSING_WORDS = {"overdue": "expired", "hold": "confirming"}
INTERNAL = -32603
IN_A_WORD = {401: "Unauthorized", 403: "Forbidden"}


class Way(NamedTuple):
    """A path and what answers it, from the partner's name and what is asked."""

    method: str
    path: str
    answer: Callable[[str, Mapping[str, Any]], Any]
    call: Call = "public"


class Rest:
    """`whole_truth`: statuses its documentation lacks are told all the same. `plain_words`: a key is turned away in
    plain text, as the other dialects do it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.whole_truth = True
        self.plain_words = False

    def ways(self) -> list[Way]:
        return [
            Way("GET", "/api/v1/currencies", self._currencies),
            Way("POST", "/api/v1/exchangeAmount", self._exchange_amount),
            Way("POST", "/api/v1/minAmount", self._least),
            Way("POST", "/api/v1/maxAmount", self._most),
            Way("POST", "/api/v1/transactions", self._create, "place"),
            Way("GET", "/api/v1/transactions/{id}", self._one, "private"),
        ]

    def answer(self, way: Way, owner: str, body: bytes, path: Mapping[str, str]) -> web.Response:
        """To one call that was let in."""
        try:
            return answered(way.answer(owner, {**(_read(body) if way.method == "POST" else {}), **path}))
        except Problem as problem:
            return refused(500 if problem.code == INTERNAL else 400, problem.message)
        except LookupError as missing:
            return refused(404, str(missing.args[0]))

    def turned_away(self, stranger: Stranger) -> web.Response:
        """Who is nobody known here."""
        if self.plain_words and stranger.status in IN_A_WORD:
            return web.Response(status=stranger.status, text=IN_A_WORD[stranger.status])
        return refused(stranger.status, stranger.reason)

    def _currencies(self, _owner: str, _asked: Mapping[str, Any]) -> list[Row]:
        return [
            {
                "name": coin.name,
                "ticker": coin.ticker,
                "enabled": coin.enabled,
                "fixRateEnabled": coin.enabled and coin.fixed,
                "payinEnabled": coin.enabled and coin.pays_in,
                "payoutEnabled": coin.enabled and coin.pays_out,
            }
            for coin in self._engine.coins.values()
        ]

    def _exchange_amount(self, _owner: str, asked: Mapping[str, Any]) -> Row:
        """For so much, before the network fee; `reverse` asks the same from `to` back to `from`."""
        source, target = ticker(asked, "from"), ticker(asked, "to")
        kind = word(asked, "type")
        if kind not in {"direct", "reverse"}:
            raise invalid("type")
        pair = self._engine.pair(source, target) if kind == "direct" else self._engine.pair(target, source)
        estimate = self._engine.estimate(*pair, amount(asked, "amount"))
        return {"result": plain(estimate.gross), "currencyFrom": source, "currencyTo": target}

    def _least(self, _owner: str, asked: Mapping[str, Any]) -> Row:
        pair = self._engine.pair(ticker(asked, "from"), ticker(asked, "to"))
        return {"result": shortest(self._engine.pricing.limits(*pair, fixed=False).least)}

    def _most(self, _owner: str, asked: Mapping[str, Any]) -> Row:
        pair = self._engine.pair(ticker(asked, "from"), ticker(asked, "to"))
        return {"result": shortest(self._engine.pricing.limits(*pair, fixed=False).most)}

    def _create(self, owner: str, asked: Mapping[str, Any]) -> Row:
        source, target = self._engine.pair(ticker(asked, "from"), ticker(asked, "to"))
        sent, told = amount(asked, "amountExpectedFrom"), amount(asked, "amountExpectedTo")
        address, memo = word(asked, "address"), maybe(asked, "extraId")
        order = Order(source, target, address, memo, told_expected_to=plain(told))
        swap = self._engine.create(owner, order, sent)
        return _core(swap) | {"status": swap.status, "createdAt": iso(swap.created_at)}

    def _one(self, owner: str, asked: Mapping[str, Any]) -> Row:
        swap = self._engine.one(owner, asked["id"])
        if swap is None:
            raise LookupError("Transaction not found")
        fee = self._engine.pricing.in_payin(swap.source, swap.target, swap.network_fee)
        return _core(swap) | {
            "amountFrom": None if swap.amount_from is None else plain(swap.amount_from),
            "amountTo": None if swap.amount_to is None else plain(swap.amount_to),
            "status": self._word(swap.status),
            "createdAt": iso(swap.created_at),
            "updatedAt": iso(swap.changed_at),
            "networkFees": plain(fee),
            "provider": "Changelly",
            "confirmations": swap.confirmations(self._engine.now()),
            "txId": swap.payout_hash or swap.refund_hash or swap.payin_hash,
        }

    def _word(self, status: str) -> str:
        return OWN_WORDS.get(status) or (status if self.whole_truth else MISSING_WORDS.get(status, status))


def _core(swap: Transaction) -> Row:
    return {
        "id": swap.id,
        "payinAddress": swap.payin_address,
        "payoutAddress": swap.payout_address,
        "amountExpectedFrom": plain(swap.expected_from),
        "amountExpectedTo": swap.told_expected_to or plain(swap.expected_to),
        "currencyFrom": swap.source.ticker,
        "currencyTo": swap.target.ticker,
    }


def _read(body: bytes) -> dict[str, Any]:
    try:
        asked = parsed(body)
    except ValueError:
        raise Problem(-32700, "The body is not valid JSON") from None
    if not isinstance(asked, dict):
        raise Problem(-32600, "The body is not an object")
    return asked


def refused(status: int, message: str) -> web.Response:
    return answered({"code": status, "message": message}, status)
