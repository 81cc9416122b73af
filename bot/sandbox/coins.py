"""The assets of the sandbox world: well-known coins, invented ones, and those that trip careless readers."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal["crypto", "stock"]

DAY_S = 86_400
# Every price below was set for this moment; the market drifts away from it in both directions.
ANCHOR = int(datetime(2026, 11, 21, tzinfo=UTC).timestamp())
FIRST_DAY = int(datetime(2013, 4, 28, tzinfo=UTC).timestamp())


class Temper(NamedTuple):
    """How an asset behaves; volatility is per year, growth in e-folds from its listing to ANCHOR."""

    volatility: float
    beta: float
    growth: float
    early_supply: float
    turnover: float


TEMPERS = {
    "lead": Temper(0.08, 1.0, 6.6, 0.55, 0.022),
    "major": Temper(0.35, 1.15, 4.6, 0.5, 0.04),
    "alt": Temper(0.6, 1.3, 1.6, 0.4, 0.06),
    "meme": Temper(1.1, 1.6, 0.8, 0.7, 0.11),
    "stable": Temper(0.0025, 0.0, 0.0, 0.001, 0.45),
    "gold": Temper(0.14, 0.05, 0.4, 0.3, 0.03),
    "stock": Temper(0.25, 0.2, 1.2, 1.0, 0.008),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Coin:
    """One listed asset; price and supply are those of ANCHOR, price None means a listing without any data.

    A wrapped coin shares the pulse of what it stands for, and has grown since that was listed.
    """

    symbol: str
    display: str
    name: str
    slug: str
    price: Decimal | None
    supply: Decimal | None
    total_supply: Decimal | None
    worth_usd: float
    volume_usd: float
    listed: int
    grown_since: int
    temper: Temper
    pulse: str
    tick_s: int = 1
    aliases: str = ""
    kind: Kind = "crypto"
    image_id: int = 0


# symbol, name, slug, price, supply, year of listing, temper
KNOWN: tuple[tuple[str, str, str, str, str, int, str], ...] = (
    ("BTC", "Bitcoin", "bitcoin", "98850", "19950000", 2013, "lead"),
    ("ETH", "Ethereum", "ethereum", "3900", "120700000", 2015, "major"),
    ("USDT", "Tether", "tether", "1.0002", "184000000000", 2015, "stable"),
    ("XRP", "XRP", "ripple", "2.5", "60100000000", 2014, "major"),
    ("BNB", "BNB", "binance-coin", "1000", "137700000", 2017, "major"),
    ("SOL", "Solana", "solana", "190", "553000000", 2020, "major"),
    ("USDC", "USD Coin", "usd-coin", "0.9999", "75800000000", 2018, "stable"),
    ("TRX", "TRON", "tron", "0.286", "94660000000", 2017, "major"),
    ("STETH", "Lido Staked Ether", "lido-staked-ether", "3898", "8540000", 2020, "major"),
    ("DOGE", "Dogecoin", "dogecoin", "0.163", "151700000000", 2014, "meme"),
    ("ADA", "Cardano", "cardano", "0.512", "35860000000", 2017, "major"),
    ("WBTC", "Wrapped Bitcoin", "wrapped-bitcoin", "98790", "127000", 2019, "lead"),
    ("HYPE", "Hyperliquid", "hyperliquid", "39.4", "270700000", 2024, "alt"),
    ("BCH", "Bitcoin Cash", "bitcoin-cash", "497", "19960000", 2017, "major"),
    ("LINK", "Chainlink", "chainlink", "14.1", "697000000", 2017, "major"),
    ("LEO", "UNUS SED LEO", "unus-sed-leo", "9.28", "922000000", 2019, "gold"),
    ("USDE", "Ethena USDe", "ethena-usde", "0.9994", "8300000000", 2024, "stable"),
    ("ZEC", "Zcash", "zcash", "512", "16350000", 2016, "alt"),
    ("XLM", "Stellar", "stellar", "0.251", "32100000000", 2014, "major"),
    ("XMR", "Monero", "monero", "378", "18450000", 2014, "alt"),
    ("LTC", "Litecoin", "litecoin", "92.7", "76500000", 2013, "major"),
    ("SUI", "Sui", "sui", "1.71", "3680000000", 2023, "alt"),
    ("AVAX", "Avalanche", "avalanche", "14.3", "427000000", 2020, "alt"),
    ("HBAR", "Hedera", "hedera-hashgraph", "0.142", "42500000000", 2019, "alt"),
    ("DAI", "Dai", "dai", "1.0001", "5360000000", 2019, "stable"),
    ("SHIB", "Shiba Inu", "shiba-inu", "0.00000861", "589000000000000", 2020, "meme"),
    ("TON", "Toncoin", "toncoin", "1.58", "2480000000", 2021, "alt"),
    ("UNI", "Uniswap", "uniswap", "6.64", "630000000", 2020, "alt"),
    ("CRO", "Cronos", "crypto-com-chain", "0.104", "36100000000", 2018, "alt"),
    ("DOT", "Polkadot", "polkadot", "2.36", "1650000000", 2020, "alt"),
    ("MNT", "Mantle", "mantle", "1.07", "3250000000", 2023, "alt"),
    ("TAO", "Bittensor", "bittensor", "297", "10260000", 2023, "alt"),
    ("AAVE", "Aave", "aave", "172", "15300000", 2020, "alt"),
    ("BGB", "Bitget Token", "bitget-token", "3.64", "700000000", 2021, "alt"),
    ("NEAR", "NEAR Protocol", "near-protocol", "1.93", "1280000000", 2020, "alt"),
    ("OKB", "OKB", "okb", "112", "21000000", 2019, "alt"),
    ("ETC", "Ethereum Classic", "ethereum-classic", "14.2", "154000000", 2016, "alt"),
    ("ICP", "Internet Computer", "internet-computer", "4.36", "544000000", 2021, "alt"),
    ("ENA", "Ethena", "ethena", "0.263", "7400000000", 2024, "alt"),
    ("PEPE", "Pepe", "pepe", "0.00000467", "420690000000000", 2023, "meme"),
    ("PAXG", "PAX Gold", "pax-gold", "4081", "361000", 2019, "gold"),
    ("XAUT", "Tether Gold", "tether-gold", "4076", "522000", 2020, "gold"),
    ("APT", "Aptos", "aptos", "2.51", "735000000", 2022, "alt"),
    ("ONDO", "Ondo", "ondo", "0.486", "3160000000", 2024, "alt"),
    ("POL", "Polygon", "polygon", "0.137", "10500000000", 2019, "alt"),
    ("WLD", "Worldcoin", "worldcoin", "0.642", "2390000000", 2023, "alt"),
    ("KCS", "KuCoin Token", "kucoin-shares", "11.6", "129000000", 2017, "alt"),
    ("ARB", "Arbitrum", "arbitrum", "0.214", "5570000000", 2023, "alt"),
    ("ALGO", "Algorand", "algorand", "0.141", "8820000000", 2019, "alt"),
    ("ATOM", "Cosmos", "cosmos", "2.51", "478000000", 2019, "alt"),
    ("FIL", "Filecoin", "filecoin", "1.62", "713000000", 2020, "alt"),
    ("VET", "VeChain", "vechain", "0.0131", "85980000000", 2018, "alt"),
    ("KAS", "Kaspa", "kaspa", "0.0414", "26900000000", 2022, "alt"),
    ("DASH", "Dash", "dash", "63.4", "12550000", 2014, "alt"),
    ("SEI", "Sei", "sei", "0.137", "6400000000", 2023, "alt"),
    ("BONK", "Bonk", "bonk", "0.00000988", "82200000000000", 2022, "meme"),
    ("JUP", "Jupiter", "jupiter-ag", "0.248", "3190000000", 2024, "alt"),
    ("OP", "Optimism", "optimism", "0.317", "1900000000", 2022, "alt"),
    ("INJ", "Injective", "injective-protocol", "5.62", "100000000", 2020, "alt"),
    ("XTZ", "Tezos", "tezos", "0.503", "1060000000", 2018, "alt"),
    ("STX", "Stacks", "stacks", "0.304", "1830000000", 2019, "alt"),
    ("CRV", "Curve DAO Token", "curve-dao-token", "0.417", "1430000000", 2020, "alt"),
)
TWINS = {"STETH": "ETH", "WBTC": "BTC"}
NICKNAMES = {"BTC": "XBT", "BCH": "BCC,Bcash", "XLM": "STR", "POL": "MATIC", "USDE": "Ethena Dollar"}

# symbol, display symbol, name, price or none, supply or none
ODD: tuple[tuple[str, str, str, str | None, str | None], ...] = (
    # Three coins answer to UNI; Uniswap is far ahead of the other two.
    ("UNICORN", "UNI", "Unicorn Ledger", "0.0412", "290000000"),
    ("UNIVERSE", "UNI", "Universe Island", "0.0038", None),
    # Two answer to ORB within half a percent of each other.
    ("ORB", "ORB", "Orbis", "1.204", "152000000"),
    ("ORBIT", "ORB", "Orbit Relay", "0.3672", "500000000"),
    # What one is called inside, the other is called in public.
    ("NOVA", "NVA", "Novarium", "0.82", "61000000"),
    ("NOVAPRO", "NOVA", "Nova Protocol", "2.15", "44000000"),
    ("PICO", "PICO", "Picodoge", "0.0000000183", "870000000000000"),
    ("ABCO", "ABCO", "A<b>&Co", "3.3", "21000000"),
    ("WISP", "WISP", "Wisp", "0.0721", None),
    ("VOID", "VOID", "Voidcoin", None, None),
)

# id, ticker, name, price, shares: several share a ticker with a coin
STOCKS: tuple[tuple[str, str, str, str, str], ...] = (
    ("SEC:320193", "AAPL", "Apple Inc.", "268.4", "14770000000"),
    ("SEC:1045810", "NVDA", "NVIDIA Corp", "183.2", "24300000000"),
    ("SEC:1318605", "TSLA", "Tesla, Inc.", "402.7", "3325000000"),
    ("SEC:47144", "LINK", "Interlink Sensors", "7.85", "9900000"),
    ("SEC:61982", "SOL", "Soleil Holdings", "1.94", "66000000"),
    ("SEC:88211", "UNI", "Unity Garments", "171.2", "18500000"),
    ("SEC:90467", "NEAR", "Near Coast Shipping", "50.9", "74000000"),
)

# fmt: off
SYLLABLES = (
    "al", "ba", "cor", "den", "el", "fin", "gal", "hex", "in", "jo", "ka", "lum", "mer",
    "nix", "or", "pyr", "qua", "ran", "sol", "ter", "um", "ver", "wyn", "xen", "yor", "zen",
)
# fmt: on
ENDINGS = ("", "", "", " Network", " Protocol", " Finance", " Chain", " DAO", " Cash", " Labs")


def catalogue(seed: str, *, invented: int, dust: int, born: int) -> tuple[Coin, ...]:
    """Every asset, stable for the same arguments; `dust` adds tiny coins whose market cap nobody knows."""
    rng = random.Random(f"{seed}/catalogue")
    known = [*_known(), *_odd(), _newcomer(born), *_stocks()]
    taken = {word for coin in known for word in (coin.symbol, coin.display)}
    return (*known, *_invented(rng, taken, invented), *_dust(rng, taken, dust))


def _known() -> Iterator[Coin]:
    listed: dict[str, int] = {}
    for rank, (symbol, name, slug, price, supply, year, temper) in enumerate(KNOWN, 1):
        pulse = TWINS.get(symbol, symbol)
        listed[symbol] = max(int(datetime(year, 1, 1 + rank % 28, tzinfo=UTC).timestamp()), FIRST_DAY)
        yield _coin(
            symbol, name, price=price, supply=supply, temper=temper, slug=slug,
            listed=listed[symbol], grown_since=listed[pulse], pulse=pulse, aliases=NICKNAMES.get(symbol, ""),
        )  # fmt: skip


def _odd() -> Iterator[Coin]:
    for order, (symbol, display, name, price, supply) in enumerate(ODD):
        listed = ANCHOR - (420 + 37 * order) * DAY_S
        yield _coin(symbol, name, price=price, supply=supply, temper="alt", display=display, listed=listed)


def _newcomer(born: int) -> Coin:
    return _coin("FRESH", "Freshly Minted", price="0.512", supply="98000000", temper="meme", listed=born)


def _stocks() -> Iterator[Coin]:
    for symbol, ticker, name, price, shares in STOCKS:
        yield _coin(
            symbol, name, price=price, supply=shares, temper="stock", display=ticker, listed=FIRST_DAY, kind="stock"
        )


def _invented(rng: random.Random, taken: set[str], count: int) -> Iterator[Coin]:
    for rank in range(count):
        cap = 520e6 * (60 / (60 + rank)) ** 2.4 * rng.uniform(0.9, 1.1)
        price = 10 ** rng.uniform(-4, 2)
        temper = rng.choice(("alt", "alt", "alt", "meme", "major"))
        symbol, name = _name(rng, taken)
        listed = ANCHOR - rng.randint(200, 3000) * DAY_S
        yield _coin(symbol, name, price=f"{price:.4g}", supply=f"{cap / price:.0f}", temper=temper, listed=listed)


def _dust(rng: random.Random, taken: set[str], count: int) -> Iterator[Coin]:
    for _ in range(count):
        symbol, name = _name(rng, taken)
        listed = ANCHOR - rng.randint(100, 2500) * DAY_S
        # Hardly traded: the last trade is minutes old, so the price moves in five-minute steps.
        yield _coin(
            symbol, name, price=f"{10 ** rng.uniform(-9, 0):.3g}", supply=None, temper="meme", listed=listed, tick_s=300
        )


def _name(rng: random.Random, taken: set[str]) -> tuple[str, str]:
    while True:
        word = "".join(rng.choices(SYLLABLES, k=rng.choice((2, 2, 3))))
        symbol = word[: rng.randint(3, 6)].upper()
        if symbol not in taken:
            taken.add(symbol)
            return symbol, word.capitalize() + rng.choice(ENDINGS)


def _coin(
    symbol: str, name: str, *, price: str | None, supply: str | None, temper: str, listed: int,
    grown_since: int | None = None, display: str = "", slug: str = "", pulse: str = "", tick_s: int = 1,
    aliases: str = "", kind: Kind = "crypto",
) -> Coin:  # fmt: skip
    rng = random.Random(f"{symbol}/{name}")
    traits = TEMPERS[temper]
    units = None if supply is None else Decimal(supply)
    worth = float(price or 0) * float(supply) if supply else 10 ** rng.uniform(5, 6.5)
    return Coin(
        symbol=symbol,
        display=display or symbol,
        name=name,
        slug=slug or f"{name.lower().replace(' ', '-')}-{symbol.lower()}",
        price=None if price is None else Decimal(price),
        supply=units,
        total_supply=None if units is None or rng.random() < 0.3 else units + units // rng.randint(3, 30),
        worth_usd=worth,
        volume_usd=worth * traits.turnover * rng.uniform(0.5, 1.5),
        listed=listed,
        grown_since=listed if grown_since is None else grown_since,
        temper=traits,
        pulse=pulse or symbol,
        tick_s=tick_s,
        aliases=aliases,
        kind=kind,
        image_id=rng.randint(1, 90_000),
    )
