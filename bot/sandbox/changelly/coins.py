"""What can be swapped: coins with their networks, fees and moods."""

from dataclasses import dataclass, field, replace
from decimal import Decimal

FIXED_TIME_MS = 1_200_000


@dataclass(slots=True, kw_only=True)
class SwapCoin:
    """`symbol` is the market's. The switches may be turned at any time; the next call meets them as they are."""

    ticker: str
    symbol: str
    name: str
    protocol: str
    network: str
    network_fee: Decimal
    digits: int = 8
    contract: str = ""
    memo: str | None = None
    confirmations: int = 1
    explorer: tuple[str, str] = ("", "")
    enabled: bool = True
    pays_in: bool = True
    pays_out: bool = True
    fixed: bool = True
    notifications: dict[str, str] = field(default_factory=dict)


ETHERSCAN = ("https://etherscan.io/address/%1$s", "https://etherscan.io/tx/%1$s")
BSCSCAN = ("https://bscscan.com/address/%1$s", "https://bscscan.com/tx/%1$s")
TRONSCAN = ("https://tronscan.org/#/address/%1$s", "https://tronscan.org/#/transaction/%1$s")
SOLSCAN = ("https://solscan.io/account/%1$s", "https://solscan.io/tx/%1$s")


def _blockchair(chain: str) -> tuple[str, str]:
    return f"https://blockchair.com/{chain}/address/%1$s", f"https://blockchair.com/{chain}/transaction/%1$s"


# Each is copied for its desk: the switches belong to one.
KNOWN = (
    SwapCoin(
        ticker="btc", symbol="BTC", name="Bitcoin", protocol="BTC", network="bitcoin",
        network_fee=Decimal("0.000045"), confirmations=1, explorer=_blockchair("bitcoin"),
    ),
    SwapCoin(
        ticker="eth", symbol="ETH", name="Ethereum", protocol="ETH", network="ethereum",
        network_fee=Decimal("0.0009"), confirmations=12, explorer=ETHERSCAN,
    ),
    SwapCoin(
        ticker="usdt20", symbol="USDT", name="Tether USD (ERC20)", protocol="ERC20", network="ethereum",
        network_fee=Decimal("3.9"), digits=6, confirmations=12, explorer=ETHERSCAN,
        contract="0xdAC17F958D2ee523a2206206994597C13D831ec7",
    ),
    SwapCoin(
        ticker="usdtrx", symbol="USDT", name="Tether USD (TRX)", protocol="TRC20", network="tron",
        network_fee=Decimal("2.6"), digits=6, confirmations=19, explorer=TRONSCAN,
        contract="TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
    ),
    SwapCoin(
        ticker="usdtbsc", symbol="USDT", name="Tether USD (BSC)", protocol="BEP20", network="binance_smart_chain",
        network_fee=Decimal("0.4"), confirmations=15, explorer=BSCSCAN,
        contract="0x55d398326f99059fF775485246999027B3197955",
    ),
    SwapCoin(
        ticker="usdtsol", symbol="USDT", name="Tether USD (SOL)", protocol="SOL", network="solana",
        network_fee=Decimal("1.1"), digits=6, confirmations=32, explorer=SOLSCAN, pays_in=False,
        contract="Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB",
    ),
    SwapCoin(
        ticker="usdc", symbol="USDC", name="USD Coin (ERC20)", protocol="ERC20", network="ethereum",
        network_fee=Decimal("3.9"), digits=6, confirmations=12, explorer=ETHERSCAN,
        contract="0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
    ),
    SwapCoin(
        ticker="sol", symbol="SOL", name="Solana", protocol="SOL", network="solana",
        network_fee=Decimal("0.005"), digits=9, confirmations=32, explorer=SOLSCAN,
    ),
    SwapCoin(
        ticker="xrp", symbol="XRP", name="Ripple", protocol="XRP", network="ripple",
        network_fee=Decimal("0.25"), digits=6, memo="Destination Tag", confirmations=1,
        explorer=("https://xrpscan.com/account/%1$s", "https://xrpscan.com/tx/%1$s"),
    ),
    SwapCoin(
        ticker="xlm", symbol="XLM", name="Stellar", protocol="XLM", network="stellar",
        network_fee=Decimal("0.5"), digits=7, memo="Memo.ID", confirmations=1,
        explorer=("https://stellar.expert/explorer/public/account/%1$s",
                  "https://stellar.expert/explorer/public/tx/%1$s"),
    ),
    SwapCoin(
        ticker="ltc", symbol="LTC", name="Litecoin", protocol="LTC", network="litecoin",
        network_fee=Decimal("0.001"), confirmations=3, explorer=_blockchair("litecoin"),
    ),
    SwapCoin(
        ticker="doge", symbol="DOGE", name="Dogecoin", protocol="DOGE", network="dogecoin",
        network_fee=Decimal(2), confirmations=20, explorer=_blockchair("dogecoin"),
    ),
    SwapCoin(
        ticker="trx", symbol="TRX", name="Tron", protocol="TRX", network="tron",
        network_fee=Decimal("1.1"), digits=6, confirmations=19, explorer=TRONSCAN,
    ),
    SwapCoin(
        ticker="xmr", symbol="XMR", name="Monero", protocol="XMR", network="monero",
        network_fee=Decimal("0.0004"), digits=12, confirmations=10, fixed=False,
        explorer=("", "https://xmrchain.net/tx/%1$s"),
        notifications={"payin": "Deposits are counted after ten confirmations, about twenty minutes."},
    ),
    SwapCoin(
        ticker="bnbbsc", symbol="BNB", name="BNB Smart Chain", protocol="BSC", network="binance_smart_chain",
        network_fee=Decimal("0.0005"), confirmations=15, explorer=BSCSCAN,
    ),
    SwapCoin(
        ticker="dash", symbol="DASH", name="Dash", protocol="DASH", network="dash",
        network_fee=Decimal("0.002"), confirmations=6, explorer=_blockchair("dash"), enabled=False,
    ),
)  # fmt: skip


def catalogue() -> dict[str, SwapCoin]:
    """A fresh set by ticker; tickers as the vendor has them: one for each coin on each network."""
    return {coin.ticker: replace(coin) for coin in KNOWN}
