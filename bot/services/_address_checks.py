"""Whether an address can be one on a network: its shape and its checksum, without asking anybody.

The network decides, never the coin: USDT lives on many, and one and the same 0x address is good on a dozen of them.
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from bot.domain.addresses import Verdict, plain
from bot.domain.swaps import SwapCoin

LONGEST = 128
_ADA_KINDS = {0, 1, 2, 3, 4, 5, 6, 7}
_ADA_LENGTHS = {29, 57}
_MONERO_MAIN, _MONERO_INTEGRATED, _MONERO_SUB = b"\x12", b"\x13", b"\x2a"
_TON = re.compile(r"[A-Za-z0-9_-]{48}|[A-Za-z0-9+/]{48}", re.ASCII)
_TON_TAGS = {0x11, 0x51}
_HEX = re.compile(r"0x(?P<digits>[0-9a-fA-F]{40})", re.ASCII)
_EOS = re.compile(r"[a-z1-5](?:[a-z1-5.]{0,11}[a-z1-5])?", re.ASCII)


def checked(network: str, address: str) -> Verdict:
    """`network` in any spelling Changelly uses for it. The first call imports for half a second: keep it off the loop.

    A wrong character is always seen in base58check, bech32, cashaddr, base32 and TON; in 0x addresses of mixed case it
    is missed once in some ten thousand (EIP-55); Solana has no checksum, but half of all slips leave its curve.
    """
    if not (0 < len(address) <= LONGEST and address.isascii() and address.isprintable() and " " not in address):
        return Verdict.UNFIT  # an address of no network at all: what cannot be seen in it must not pass unchecked
    rule = _RULES.get(plain(network))
    return rule(address) if rule else Verdict.UNCHECKED


def networks_of(address: str) -> list[str]:
    """Where this address would be sound, by each network's first name: to say what was pasted by mistake."""
    fit = {Verdict.SOUND, Verdict.BARE}
    return [first for first in (names.split()[0] for names in _NETWORKS.values()) if checked(first, address) in fit]


def network_of(coin: SwapCoin) -> str:
    """As `network_told`; where that is empty, its ticker, which no rule knows."""
    return network_told(coin) or coin.ticker


def network_told(coin: SwapCoin) -> str:
    """Where its dialect does not tell, that of the coins that have only one; else empty."""
    return coin.network or _TICKERS.get(coin.ticker, "")


# --- rules ------------------------------------------------------------------------------------------------------------


def _any_of(*decoders: Callable[[str], object]) -> Callable[[str], Verdict]:
    def rule(address: str) -> Verdict:
        return Verdict.SOUND if any(_decodes(decode, address) for decode in decoders) else Verdict.UNFIT

    return rule


def _decodes(decode: Callable[[str], object], address: str) -> bool:
    try:
        decode(address)
    except Exception:  # noqa: BLE001  # whatever a decoder trips over, and it has many ways to, is no address of its kind
        return False
    return True


def _library() -> Any:
    import bip_utils  # noqa: PLC0415  # half a second, and most starts never need it

    return bip_utils


def _by(decoder: str, **parts: object) -> Callable[[str], object]:
    """A decoder of the library by its name, so that naming it imports nothing."""
    return lambda address: getattr(_library(), decoder).DecodeAddr(address, **parts)


def _base58(version: bytes) -> Callable[[str], object]:
    return _by("P2PKHAddrDecoder", net_ver=version)


def _segwit(prefix: str) -> tuple[Callable[[str], object], ...]:
    return _by("P2WPKHAddrDecoder", hrp=prefix), _by("P2TRAddrDecoder", hrp=prefix)


def _cash(version: bytes) -> Callable[[str], object]:
    """Often written without its prefix, which its checksum covers all the same."""

    def decode(address: str) -> object:
        whole = address if ":" in address else f"bitcoincash:{address}"
        decoder = "BchP2PKHAddrDecoder" if version == b"\x00" else "BchP2SHAddrDecoder"
        return _by(decoder, hrp="bitcoincash", net_ver=version)(whole)

    return decode


def _evm(address: str) -> Verdict:
    found = _HEX.fullmatch(address)
    if found is None:
        return Verdict.UNFIT
    digits = found["digits"]
    if digits in {digits.lower(), digits.upper()} and not digits.isdecimal():
        return Verdict.BARE
    fits = _decodes(_by("EthAddrDecoder"), f"0x{digits}")
    return Verdict.SOUND if fits else Verdict.UNFIT


def _bare_rule(decode: Callable[[str], object]) -> Callable[[str], Verdict]:
    return lambda address: Verdict.BARE if _decodes(decode, address) else Verdict.UNFIT


def _eos(address: str) -> Verdict:
    return Verdict.BARE if _EOS.fullmatch(address) else Verdict.UNFIT


def _canonical(decoder: str) -> Callable[[str], object]:
    """The last sign of a base32 text has bits that mean nothing; an address is written with zeros there."""

    def decode(address: str) -> None:
        _by(decoder)(address)
        data = base64.b32decode(address + "=" * (-len(address) % 8))
        if base64.b32encode(data).decode().rstrip("=") != address:
            raise ValueError("not written as its network writes it")

    return decode


def _cardano(address: str) -> None:
    data = _library().Bech32Decoder.Decode("addr", address)
    if len(data) not in _ADA_LENGTHS or data[0] & 0x0F != 1 or data[0] >> 4 not in _ADA_KINDS:
        raise ValueError("not a payment address of the main network")


def _monero(address: str) -> None:
    library = _library()
    data = library.Base58XmrDecoder.Decode(address)
    if data[:1] == _MONERO_INTEGRATED:
        library.XmrIntegratedAddrDecoder.DecodeAddr(address, net_ver=_MONERO_INTEGRATED, payment_id=data[65:73])
    else:
        version = _MONERO_SUB if data[:1] == _MONERO_SUB else _MONERO_MAIN
        library.XmrAddrDecoder.DecodeAddr(address, net_ver=version)
    if library.Base58XmrEncoder.Encode(data) != address:
        raise ValueError("not written as its network writes it")


def _ton(address: str) -> None:
    """The form that people pass on: a tag, the chain, 32 bytes and a CRC, 48 signs in either alphabet of base64."""
    if not _TON.fullmatch(address):
        raise ValueError("not the form that people pass on")
    data = base64.b64decode(address, altchars=b"-_" if "-" in address or "_" in address else b"+/")
    if data[0] not in _TON_TAGS or data[1] not in {0x00, 0xFF}:
        raise ValueError("not a friendly address of the main network")
    if binascii.crc_hqx(data[:34], 0) != int.from_bytes(data[34:], "big"):
        raise ValueError("wrong checksum")


def _tezos(address: str) -> object:
    prefixes = {"tz1": "TZ1", "tz2": "TZ2", "tz3": "TZ3"}
    library = _library()
    return library.XtzAddrDecoder.DecodeAddr(address, prefix=library.XtzAddrPrefixes[prefixes[address[:3]]])


_NETWORKS: Mapping[Callable[[str], Verdict], str] = MappingProxyType(
    {
        _any_of(_base58(b"\x00"), _base58(b"\x05"), *_segwit("bc")): "bitcoin btc",
        _any_of(_base58(b"\x30"), _base58(b"\x32"), _base58(b"\x05"), *_segwit("ltc")): "litecoin ltc",
        _any_of(_cash(b"\x00"), _cash(b"\x08")): "bitcoin_cash bch bitcoincash",
        _any_of(_base58(b"\x1e"), _base58(b"\x16")): "dogecoin doge",
        _any_of(_base58(b"\x4c"), _base58(b"\x10")): "dash",
        _any_of(_base58(b"\x1c\xb8"), _base58(b"\x1c\xbd")): "zcash zec",
        _evm: (
            "ethereum eth erc20 binance_smart_chain bsc bep20 polygon matic pol avaxc avalanche_c_chain arbitrum arb"
            " optimism op base ethereum_classic etc fantom ftm cronos linea zksync mantle celo gnosis"
        ),
        _any_of(_by("TrxAddrDecoder")): "tron trx trc20 trc10",
        _any_of(_by("XrpAddrDecoder")): "ripple xrp xrpl",
        _any_of(_canonical("XlmAddrDecoder")): "stellar xlm",
        _any_of(_canonical("AlgoAddrDecoder")): "algorand algo",
        _bare_rule(_by("SolAddrDecoder")): "solana sol spl",
        _any_of(_monero): "monero xmr",
        _any_of(_cardano): "cardano ada",
        _any_of(_by("SubstrateSr25519AddrDecoder", ss58_format=0)): "polkadot dot",
        _any_of(_by("AtomAddrDecoder", hrp="cosmos")): "cosmos atom cosmoshub",
        _any_of(_tezos): "tezos xtz",
        _any_of(_ton): "ton toncoin the_open_network",
        _eos: "eos vaulta",
    }
)
_RULES: Mapping[str, Callable[[str], Verdict]] = MappingProxyType(
    {plain(name): rule for rule, names in _NETWORKS.items() for name in names.split()}
)
_TICKERS: Mapping[str, str] = MappingProxyType(
    {
        name: names.split()[0]
        for rule, names in _NETWORKS.items()
        for name in names.split()
        if rule is not _evm or name in {"eth", "etc"}
    }
    | {"usdt20": "ethereum", "usdtrx": "tron", "usdtbsc": "bsc", "usdtsol": "solana", "usdton": "ton"}
    | {"usdtpolygon": "polygon", "usdc": "ethereum", "bnbbsc": "bsc"}
)
