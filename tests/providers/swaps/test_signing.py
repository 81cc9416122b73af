"""Signatures are those another implementation makes; a key that cannot sign is told, and never shown."""

import asyncio
import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.domain.orders import Credentials
from bot.providers.swaps import BadKey
from bot.providers.swaps._signing import HmacSigner, NonceSigner, RsaSigner, signer

from .conftest import VECTORS, Counted

PRIVATE_KEY = VECTORS["private_key"]
EACH = pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["body"][:50] or "empty")


def headers(one, body: str) -> dict[str, str]:
    return dict(asyncio.run(one.headers(body.encode())))


def hexed(key) -> str:
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()).hex()


@EACH
def test_rsa_signs_as_node_does(vector):
    told = headers(RsaSigner(PRIVATE_KEY), vector["body"])
    assert told == {"X-Api-Key": VECTORS["api_key"], "X-Api-Signature": vector["rsa"]}
    assert (len(told["X-Api-Key"]), len(told["X-Api-Signature"])) == (44, 344)


@EACH
def test_hmac_signs_as_node_does(vector):
    told = headers(HmacSigner(VECTORS["key"], VECTORS["secret"]), vector["body"])
    assert told == {"api-key": VECTORS["key"], "sign": vector["hmac"]}


@EACH
def test_rest_signs_the_same_and_counts(vector):
    nonces = Counted()
    one = NonceSigner(VECTORS["key"], VECTORS["secret"], nonces)
    first, second = headers(one, vector["body"]), headers(one, vector["body"])
    assert first["X-Sign"] == second["X-Sign"] == vector["hmac"]
    assert int(second["X-Nonce"]) > int(first["X-Nonce"])
    assert set(nonces.asked) == {one.key_id}


def test_one_changed_byte_is_another_signature():
    one = RsaSigner(PRIVATE_KEY)
    assert headers(one, '{"a":1}')["X-Api-Signature"] != headers(one, '{"a": 1}')["X-Api-Signature"]


def test_a_key_is_named_by_pkcs1_and_not_by_the_usual_form():
    """The usual form, SubjectPublicKeyInfo, has another hash: a common mistake."""
    public = rsa_of(PRIVATE_KEY).public_key()
    from cryptography.hazmat.primitives.serialization import PublicFormat  # noqa: PLC0415

    usual = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert RsaSigner(PRIVATE_KEY).api_key != base64.b64encode(hashlib.sha256(usual).digest()).decode()


def rsa_of(text: str) -> rsa.RSAPrivateKey:
    from cryptography.hazmat.primitives.serialization import load_der_private_key  # noqa: PLC0415

    return load_der_private_key(bytes.fromhex(text), None)


def damaged() -> dict[str, str]:
    """Keys that look like one."""
    numbers = rsa_of(PRIVATE_KEY).private_numbers()
    found = {
        "nothing": "",
        "not hex": "zz" * 700,
        "half of it": PRIVATE_KEY[: len(PRIVATE_KEY) // 2],
        "pem": "-----BEGIN PRIVATE KEY-----",
        "too small": hexed(rsa.generate_private_key(65537, 1024)),  # noqa: S505  # that is the point
        "of a curve": hexed(ec.generate_private_key(ec.SECP256R1())),
    }
    # Each of the numbers a key is made of, changed in its last bits where it stands in the DER.
    for name in ("p", "q", "d", "dmp1", "dmq1", "iqmp"):
        value = getattr(numbers, name)
        size = (value.bit_length() + 7) // 8
        told, other = value.to_bytes(size, "big").hex(), (value ^ 2).to_bytes(size, "big").hex()
        assert PRIVATE_KEY.count(told) == 1
        found[f"another {name}"] = PRIVATE_KEY.replace(told, other)
    modulus = numbers.public_numbers.n.to_bytes(256, "big").hex()
    found["another n"] = PRIVATE_KEY.replace(modulus, modulus[:-2] + "01")
    return found


DAMAGED = damaged()


@pytest.mark.parametrize("how", DAMAGED)
def test_a_damaged_private_key_is_refused_unseen(how):
    with pytest.raises(BadKey) as told:
        RsaSigner(DAMAGED[how])
    assert told.value.__cause__ is None
    assert "PKCS#8 DER in hex" in str(told.value)
    assert not DAMAGED[how] or DAMAGED[how][:40] not in str(told.value)


async def test_in_v2_a_key_given_must_be_the_private_keys_own():
    nonces = Counted()
    assert signer("v2", Credentials(VECTORS["api_key"], PRIVATE_KEY), nonces).key_id
    with pytest.raises(BadKey, match="does not belong"):
        signer("v2", Credentials("another", PRIVATE_KEY), nonces)


@pytest.mark.parametrize("given", [("", "secret"), ("key", ""), ("key\n", "secret"), ("κλειδί", "secret")])
@pytest.mark.parametrize("dialect", ["v1", "rest"])
def test_without_key_and_secret_nothing_is_signed(dialect, given):
    with pytest.raises(BadKey):
        signer(dialect, Credentials(*given), Counted())


def test_keys_are_told_apart_by_what_tells_nothing_of_them():
    one, same, other = (HmacSigner(key, "s").key_id for key in ("key-a", "key-a", "key-b"))
    assert one == same != other
    assert "key-a" not in one
