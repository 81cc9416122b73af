"""What Binance knows of a customer's money and of what his key may do."""

from decimal import Decimal
from typing import Any

from bot.sandbox.exchange.accounts import ZERO, Account, Key
from bot.sandbox.exchange.binance import rows
from bot.sandbox.exchange.binance.asked import Asked
from bot.sandbox.exchange.binance.refusals import Refusal
from bot.sandbox.exchange.engine import Engine
from bot.sandbox.exchange.margin import equity
from bot.sandbox.exchange.orders import Wallet
from bot.sandbox.exchange.pairs import Pair

TRANSFERS: dict[str, tuple[Wallet, Wallet]] = {
    "MAIN_MARGIN": ("spot", "margin"),
    "MARGIN_MAIN": ("margin", "spot"),
    "MAIN_FUNDING": ("spot", "funding"),
    "FUNDING_MAIN": ("funding", "spot"),
    "FUNDING_MARGIN": ("funding", "margin"),
    "MARGIN_FUNDING": ("margin", "funding"),
}


class Wallets:
    """One method an endpoint."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._assets = sorted({asset for pair in engine.pairs for asset in (pair.base, pair.quote)})

    def account(self, asked: Asked) -> Any:
        """The spot wallet; every asset there is, unless `omitZeroBalances`."""
        held = self._engine.balances(asked.account, "spot")
        names = held if asked.text("omitZeroBalances") == "true" else sorted({*self._assets, *held})
        maker, taker = (rows.money(fee) for fee in (self._engine.maker_fee, self._engine.taker_fee))
        spot = asked.account.wallets["spot"]
        return {
            "makerCommission": int(self._engine.maker_fee * 10_000),
            "takerCommission": int(self._engine.taker_fee * 10_000),
            "buyerCommission": 0,
            "sellerCommission": 0,
            "commissionRates": {"maker": maker, "taker": taker, "buyer": rows.money(None), "seller": rows.money(None)},
            "canTrade": True,
            "canWithdraw": True,
            "canDeposit": True,
            "brokered": False,
            "requireSelfTradePrevention": False,
            "preventSor": False,
            "updateTime": max((order.updated_ms for order in asked.account.open.values()), default=0),
            "accountType": "SPOT",
            "balances": [
                {"asset": name, "free": rows.money(spot[name].free), "locked": rows.money(spot[name].used)}
                if name in spot
                else {"asset": name, "free": rows.money(None), "locked": rows.money(None)}
                for name in names
            ],
            "permissions": ["SPOT"],
            "uid": 350_000_000 + asked.account.id,
        }

    def margin_account(self, asked: Asked) -> Any:
        """Cross margin."""
        account = asked.account
        held = self._engine.balances(account, "margin")
        bitcoin = self._engine.worth("BTC")
        owed = sum((debt * self._engine.worth(asset) for asset, debt in account.debts.items()), ZERO) / bitcoin
        own = equity(account, self._engine.worth) / bitcoin
        level = (own + owed) / owed if owed else Decimal(999)
        return {
            "created": True,
            "borrowEnabled": True,
            "marginLevel": rows.money(min(level, Decimal(999))),
            "collateralMarginLevel": rows.money(min(level, Decimal(999))),
            "totalAssetOfBtc": rows.money(own + owed),
            "totalLiabilityOfBtc": rows.money(owed),
            "totalNetAssetOfBtc": rows.money(own),
            "tradeEnabled": True,
            "transferInEnabled": True,
            "transferOutEnabled": True,
            "accountType": "MARGIN_1",
            "userAssets": [_margin_asset(account, asset) for asset in sorted({*self._assets, *held})],
        }

    def funding(self, asked: Asked) -> Any:
        held = self._engine.balances(asked.account, "funding")
        return [
            {
                "asset": asset,
                "free": rows.money(holding.free),
                "locked": rows.money(holding.used),
                "freeze": "0",
                "withdrawing": "0",
                "btcValuation": rows.money(holding.total * self._engine.worth(asset) / self._engine.worth("BTC")),
            }
            for asset, holding in held.items()
            if asked.given.get("asset") in (None, asset)
        ]

    def transfer(self, asked: Asked) -> Any:
        """Between one's own wallets; refused to a key that may not."""
        way = TRANSFERS.get(asked.needed("type"))
        if way is None:
            raise Refusal(-9000, "This transfer type is not supported.")
        if not asked.key.withdraw:
            raise Refusal(-1002, "You are not authorized to execute this request.", 401)
        amount = asked.number("amount")
        self._engine.transfer(asked.account, asked.needed("asset"), amount or ZERO, *way)
        return {"tranId": self._engine.now_ms()}

    def restrictions(self, asked: Asked) -> Any:
        """What the key may do, as it stands now."""
        return restrictions(asked.key)

    def all_coins(self, asked: Asked) -> Any:
        spot = asked.account.wallets["spot"]
        return [_coin(asset, spot[asset].free if asset in spot else ZERO) for asset in self._assets]

    def trade_fees(self, asked: Asked) -> Any:
        maker, taker = (f"{fee.normalize():f}" for fee in (self._engine.maker_fee, self._engine.taker_fee))
        wanted = asked.given.get("symbol")
        return [
            {"symbol": rows.name(pair), "makerCommission": maker, "takerCommission": taker}
            for pair in self._engine.pairs
            if wanted in (None, rows.name(pair))
        ]

    def margin_pairs(self, asked: Asked) -> Any:
        del asked
        return [_margin_pair(pair, order) for order, pair in enumerate(self._engine.pairs) if pair.margin]

    def nothing(self, asked: Asked) -> Any:
        """An empty list, for what we do not have: isolated pairs."""
        del asked
        return []

    def status(self, asked: Asked) -> Any:
        del asked
        return {"status": 0, "msg": "normal"}


def restrictions(key: Key) -> dict[str, Any]:
    """The vendor's table of a key's rights."""
    told = {
        "ipRestrict": bool(key.ips),
        "createTime": key.created_ms,
        "enableReading": key.read,
        "enableWithdrawals": key.withdraw,
        "enableInternalTransfer": key.withdraw,
        "enableMargin": key.trade,
        "enableFutures": False,
        "permitsUniversalTransfer": key.withdraw,
        "enableVanillaOptions": False,
        "enableFixApiTrade": False,
        "enableFixReadOnly": False,
        "enableSpotAndMarginTrading": key.trade,
        "enablePortfolioMarginTrading": False,
    }
    # A key that never ends has no such field.
    return told | ({"tradingAuthorityExpirationTime": key.expires_ms} if key.expires_ms else {})


def _margin_asset(account: Account, asset: str) -> dict[str, Any]:
    held, debt = account.holding("margin", asset), account.debts.get(asset, ZERO)
    return {
        "asset": asset,
        "borrowed": rows.money(debt),
        "free": rows.money(held.free),
        "interest": rows.money(None),
        "locked": rows.money(held.used),
        "netAsset": rows.money(held.total - debt),
    }


def _margin_pair(pair: Pair, order: int) -> dict[str, Any]:
    return {
        "base": pair.base,
        "id": str(376_870_000_000_000_000 + order),
        "isBuyAllowed": True,
        "isMarginTrade": True,
        "isSellAllowed": True,
        "quote": pair.quote,
        "symbol": rows.name(pair),
    }


def _coin(asset: str, free: Decimal) -> dict[str, Any]:
    network = {
        "network": asset,
        "coin": asset,
        "name": asset,
        "isDefault": True,
        "depositEnable": True,
        "withdrawEnable": True,
        "withdrawFee": rows.money(Decimal("0.001")),
        "withdrawMin": rows.money(Decimal("0.002")),
        "withdrawMax": "9999999",
        "withdrawIntegerMultiple": rows.money(Decimal("0.00000001")),
        "minConfirm": 1,
        "unLockConfirm": 1,
    }
    return {
        "coin": asset,
        "depositAllEnable": True,
        "withdrawAllEnable": True,
        "name": asset,
        "free": rows.money(free),
        "locked": rows.money(None),
        "freeze": "0",
        "withdrawing": "0",
        "ipoing": "0",
        "ipoable": "0",
        "storage": "0",
        "isLegalMoney": False,
        "trading": True,
        "networkList": [network],
    }
