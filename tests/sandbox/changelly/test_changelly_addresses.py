"""Addresses of each network: what is drawn is one for others too, and one wrong letter is none."""

import bip_utils as others
import pytest
from bip_utils.utils.crypto import Kekkak256
from changelly_desk import PLACES

from bot.sandbox.changelly.addresses import NETWORKS, checksummed, draw, valid
from bot.sandbox.changelly.coins import catalogue
from bot.sandbox.changelly.encodings import BITCOIN, keccak256

COINS = catalogue()
GIVEN = [
    *((COINS[ticker].network, address) for ticker, address in PLACES.items()),
    ("bitcoin", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
    ("bitcoin", "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"),
    ("bitcoin", "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"),
    ("bitcoin", "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr"),
    ("monero", "888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3H"),
    ("ethereum", "0xd8da6bf26964af9d7eed9e03e53415d37aa96045"),
]
KNOWN = {COINS[ticker].network: address for ticker, address in PLACES.items()} | {"binance_smart_chain": PLACES["eth"]}
# Base58 without a checksum: any other key is a key.
UNCHECKED = {"solana"}
MANY = bytes(range(256)) * 2


@pytest.mark.parametrize(("network", "address"), GIVEN)
def test_an_address_in_use_is_one_and_belongs_to_its_network_alone(network, address):
    assert valid(network, address)
    others = {other for other in NETWORKS if valid(other, address)} - {network}
    assert others <= {"ethereum", "binance_smart_chain"} if network == "ethereum" else others <= {"litecoin"}


@pytest.mark.parametrize("network", sorted(set(NETWORKS) - UNCHECKED))
def test_one_letter_changed_anywhere_is_no_address(network):
    # Ethereum's checksum is short: one address in some thousands has a neighbour, these have none.
    address = KNOWN.get(network) or draw(network)
    body = 2 if network in {"ethereum", "binance_smart_chain"} else 0
    for at in range(body, len(address)):
        for letter in {"z", "2", "9", BITCOIN[at % 58]} - {address[at]}:
            changed = address[:at] + letter + address[at + 1 :]
            if changed.lower() != address.lower() or network in {"ethereum", "binance_smart_chain"}:
                assert not valid(network, changed) or one_case(changed), changed


def one_case(address: str) -> bool:
    """Ethereum's checksum is the case of the letters: one case is none."""
    return address[2:] in (address[2:].lower(), address[2:].upper())


@pytest.mark.parametrize("network", sorted(set(NETWORKS) - UNCHECKED))
def test_one_letter_less_or_more_is_no_address(network):
    address = draw(network)
    for changed in ("", address[:-1], address + "2", address[1:], " " + address, address + "\n"):
        assert not valid(network, changed), changed


@pytest.mark.parametrize("network", NETWORKS)
def test_what_is_drawn_is_an_address_for_somebody_elses_library_too(network):
    checks = {
        "bitcoin": lambda text: others.P2WPKHAddrDecoder.DecodeAddr(text, hrp="bc"),
        "litecoin": lambda text: others.P2WPKHAddrDecoder.DecodeAddr(text, hrp="ltc"),
        "dogecoin": lambda text: others.P2PKHAddrDecoder.DecodeAddr(text, net_ver=b"\x1e"),
        "dash": lambda text: others.P2PKHAddrDecoder.DecodeAddr(text, net_ver=b"\x4c"),
        "tron": others.TrxAddrDecoder.DecodeAddr,
        "ripple": others.XrpAddrDecoder.DecodeAddr,
        "ethereum": others.EthAddrDecoder.DecodeAddr,
        "binance_smart_chain": others.EthAddrDecoder.DecodeAddr,
        "solana": others.SolAddrDecoder.DecodeAddr,
        "stellar": lambda text: others.XlmAddrDecoder.DecodeAddr(text, addr_type=others.XlmAddrTypes.PUB_KEY),
        "monero": lambda text: others.XmrAddrDecoder.DecodeAddr(text, net_ver=b"\x12"),
    }
    drawn = {draw(network) for _ in range(20)}
    assert len(drawn) == 20
    for address in drawn:
        assert valid(network, address)
        assert len(checks[network](address)) >= 20


def test_a_key_of_solana_has_32_bytes():
    for changed in ("", PLACES["sol"][:-2], PLACES["sol"] + "22", PLACES["sol"].replace("h", "0"), "1" * 33):
        assert not valid("solana", changed), changed
    assert valid("solana", "1" * 32)


def test_keccak_is_that_of_its_authors_at_every_length_of_the_last_block():
    for length in (0, 1, 135, 136, 137, 300):
        assert keccak256(MANY[:length]) == Kekkak256.QuickDigest(MANY[:length])


def test_the_case_of_an_ethereum_address_is_its_checksum():
    assert checksummed("0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359") == "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"
    assert not valid("ethereum", "0xFb6916095ca1df60bB79Ce92cE3Ea74c37c5d359")
    assert not valid("ethereum", "0x" + "_" * 40)
