"""Addresses by their networks' own rules: each kind is known, and no slip passes where there is a checksum."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.addresses import Verdict, in_fours, looks_like
from bot.domain.swaps import SwapCoin
from bot.sandbox.changelly import addresses as sandbox
from bot.sandbox.changelly import coins
from bot.services._address_checks import LONGEST, checked, network_of, networks_of

CARDANO = "addr1qx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer3n0d3vllmyqwsx5wktcd8cc3sq835lu7drv2xwl2wywfgse35a3x"
SOUND = {
    "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2": "bitcoin",
    "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy": "bitcoin",
    "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq": "bitcoin",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0": "bitcoin",
    "bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3": "bitcoin",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed": "ethereum",
    "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t": "tron",
    "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh": "ripple",
    "GAAZI4TCR3TY5OJHCTJC2A4QSY6CJWJH5IAJTGKIN2ER7LBNVKOCCWN7": "stellar",
    "888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3H": "monero",
    "4AdUndXHHZ6cfufTMvppY6JwXNouMBzSkbLYfpAV5Usx3skxNgYeYTRj5UzqtReoS44qo9mtmXCqY45DJ852K5Jv2684Rge": "monero",
    CARDANO: "cardano",
    "addr1vx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzers66hrl8": "cardano",
    "LM2WMpR1Rp6j3Sa59cMXMs1SPzj9eXpGc1": "litecoin",
    "ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9": "litecoin",
    "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a": "bitcoin_cash",
    "DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L": "dogecoin",
    "XpESxaUmonkq8RaLLp46Brx2K39ggQe226": "dash",
    "EQDtFpEwcFAEcRe5mLVh2N6C0x-_hJEM7W61_JLnSF74p4q2": "ton",
    "VCMJKWOY5P5P7SKMZFFOCEROPJCZOTIJMNIYNUCKH7LRO45JMJP6UYBIJA": "algorand",
    "cosmos1vqpjljwsynsn58dugz0w8ut7kun7t8ls2qkmsq": "cosmos",
    "15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5": "polkadot",
    "tz1VSUr8wwNhLAzempoch5d6hLRiTh8Cjcjb": "tezos",
}
BARE = {
    "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed": "ethereum",
    "0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED": "ethereum",
    "7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV": "solana",
    "binancecleos": "eos",
}
SIGNS = string.ascii_letters + string.digits + ":-_+/ "


@pytest.mark.parametrize(("address", "network"), SOUND.items())
def test_an_address_of_its_network_is_sound_and_of_hardly_another(address, network):
    assert checked(network, address) is Verdict.SOUND
    assert network in networks_of(address)
    assert len(networks_of(address)) <= 2


@pytest.mark.parametrize(("address", "network"), BARE.items())
def test_one_without_a_checksum_passes_with_a_warning(address, network):
    assert checked(network, address) is Verdict.BARE


def slips(address: str, step: int) -> list[str]:
    """Every place changed, to every `step`th sign: over the places that is every sign."""
    return [
        address[:at] + sign + address[at + 1 :]
        for at in range(len(address))
        for sign in SIGNS[at % step :: step]
        if sign != address[at]
    ]


@pytest.mark.parametrize(("address", "network"), SOUND.items())
def test_no_change_of_a_single_sign_passes_where_there_is_a_checksum(address, network):
    assert not [other for other in slips(address, 9) if checked(network, other) is not Verdict.UNFIT]


@pytest.mark.soak
@pytest.mark.parametrize(("address", "network"), SOUND.items())
def test_nor_does_any_change_at_all_to_any_sign(address, network):
    assert not [other for other in slips(address, 1) if checked(network, other) is not Verdict.UNFIT]


@pytest.mark.parametrize("network", sandbox.NETWORKS)
def test_an_address_that_others_have_made_is_sound(network):
    """The sandbox has its own encodings: a fault in them or in these rules would show here."""
    for _ in range(3):
        assert checked(network, sandbox.draw(network)) in {Verdict.SOUND, Verdict.BARE}


@pytest.mark.parametrize(("address", "network"), SOUND.items())
def test_nor_does_one_cut_off_doubled_or_turned_around(address, network):
    for other in (address[:-1], address[1:], address * 2, address[::-1], f" {address}", f"{address}\n", ""):
        assert checked(network, other) is Verdict.UNFIT


@pytest.mark.parametrize(
    "address",
    ["mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn", "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
     "2MzQwSSnBHWHqSAqtTVQ6v47XtaisrJa1Vc"],
)  # fmt: skip
def test_a_test_network_is_another_network(address):
    assert checked("bitcoin", address) is Verdict.UNFIT


def test_a_network_is_known_by_any_of_its_spellings_and_an_unknown_one_is_not_judged():
    usdt = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
    assert {checked(name, usdt) for name in ("tron", "TRC20", "trx", "TRON")} == {Verdict.SOUND}
    assert {checked(name, usdt) for name in ("ethereum", "binance_smart_chain", "BEP20", "ERC-20")} == {Verdict.UNFIT}
    assert checked("some_new_chain", usdt) is Verdict.UNCHECKED
    assert checked("", usdt) is Verdict.UNCHECKED


@pytest.mark.parametrize("network", ["some_new_chain", ""])
@pytest.mark.parametrize(
    "address",
    ["", " 5aAeb6053F3E94C9", "5aAeb6 053F3E94C9", "5aAeb6053F3E94C9\n", "5aAeb6053F3E94C9\u200b",
     "5\u0430Aeb6053F3E94C9", "5" * (LONGEST + 1)],
)  # fmt: skip
def test_what_is_no_address_anywhere_is_none_of_an_unknown_network_either(network, address):
    assert checked(network, address) is Verdict.UNFIT


def test_every_coin_of_the_stand_in_is_checked_where_its_dialect_tells_no_network_too():
    for coin in coins.KNOWN:
        network = network_of(SwapCoin(coin.ticker, coin.name))
        assert checked(network, "hello") is Verdict.UNFIT, coin.ticker
        assert checked(network, sandbox.draw(coin.network)) in {Verdict.SOUND, Verdict.BARE}, coin.ticker


def test_where_a_dialect_tells_no_network_a_coin_of_one_chain_has_it_all_the_same():
    assert network_of(SwapCoin("btc", "Bitcoin")) == "bitcoin"
    assert network_of(SwapCoin("usdtrx", "Tether")) == "tron"
    assert network_of(SwapCoin("usdt", "Tether", "omni")) == "omni"
    assert checked(network_of(SwapCoin("usdt", "Tether")), "anything") is Verdict.UNCHECKED


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=LONGEST + 5), st.text(alphabet=SIGNS, max_size=LONGEST + 5)),
       st.sampled_from(sorted(set(SOUND.values()) | set(BARE.values()))))  # fmt: skip
def test_no_text_breaks_a_check(text, network):
    assert checked(network, text) in set(Verdict)


@pytest.mark.parametrize("address", [*SOUND, *BARE])
def test_bait_has_the_ends_of_a_known_address_and_another_middle(address):
    middle = len(address) // 2
    other = "a" if address[middle].lower() != "a" else "b"
    bait = address[:middle] + other + address[middle + 1 :]
    assert looks_like(bait, address)
    assert not looks_like(address, address)
    assert "".join(in_fours(address)) == address


def test_the_same_address_in_another_case_is_no_bait_and_two_strangers_are_none():
    eth = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    assert not looks_like(eth.lower(), eth)
    segwit = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
    assert not looks_like(segwit.upper(), segwit)
    assert not looks_like("0x52908400098527886E0F7030069857D2E4169EE7", eth)
