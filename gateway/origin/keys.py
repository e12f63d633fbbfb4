"""New keys to sign letters with, and the DNS record of each (RFC 6376 §3.6.1, RFC 8463 §4.2).

RSA keys are made as FIPS 186-5 describes: two random primes, tested by Miller and Rabin's test. That takes a second.
"""

import base64
import secrets
from dataclasses import dataclass
from math import gcd

RSA_BITS = 2048
EXPONENT = 65537
ROUNDS = 64  # of the primality test; each round passes a composite number with a probability of at most 1/4
SMALL = tuple(number for number in range(3, 2000, 2) if all(number % other for other in range(3, int(number**0.5) + 1, 2)))
LONGEST_STRING = 255  # octets of one string in a TXT record
RSA_ENCRYPTION = bytes.fromhex("300d06092a864886f70d0101010500")  # AlgorithmIdentifier of rsaEncryption (RFC 3279 §2.3.1)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A new key: `private` is the content of the key file, `record` the text of the TXT record."""

    private: str
    record: str


def new_key(kind: str) -> SigningKey:
    """Make a new key: `rsa`, which every verifier supports, or `ed25519`, which is small and fast."""
    return KINDS[kind]()


def zone_line(selector: str, domain: str, record: str) -> str:
    """The record as a line of a zone file, cut into strings of at most 255 octets."""
    strings = [record[at : at + LONGEST_STRING] for at in range(0, len(record), LONGEST_STRING)]
    return f"{selector}._domainkey.{domain}. IN TXT ( " + " ".join(f'"{string}"' for string in strings) + " )"


def _new_ed25519() -> SigningKey:
    """Make an Ed25519 key. libsodium is imported only here."""
    from nacl.signing import SigningKey as Ed25519

    pair = Ed25519.generate()
    public = base64.b64encode(bytes(pair.verify_key)).decode()
    return SigningKey(base64.b64encode(bytes(pair)).decode() + "\n", f"v=DKIM1; k=ed25519; p={public}")


def new_rsa_key(bits: int = RSA_BITS) -> SigningKey:
    """Make an RSA key of that many bits. Verifiers refuse keys below 1024 bits (RFC 8301 §3.2)."""
    half = bits // 2
    first, second = _prime(half), _prime(half)
    while abs(first - second).bit_length() <= half - 100:
        second = _prime(half)
    modulus, totient = first * second, (first - 1) * (second - 1)
    private = pow(EXPONENT, -1, totient // gcd(first - 1, second - 1))
    remainders = private % (first - 1), private % (second - 1), pow(second, -1, first)
    numbers = 0, modulus, EXPONENT, private, first, second, *remainders  # RSAPrivateKey (RFC 8017 appendix A.1.2)
    public = _der(0x30, RSA_ENCRYPTION + _der(0x03, b"\0" + _sequence(modulus, EXPONENT)))
    return SigningKey(_pem(_sequence(*numbers)), f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}")


def _prime(bits: int) -> int:
    """A random prime with its two highest bits set, so that two of them give a modulus of full length."""
    while True:
        candidate = secrets.randbits(bits) | (0b11 << (bits - 2)) | 1
        if all(candidate % small for small in SMALL) and gcd(candidate - 1, EXPONENT) == 1 and _is_prime(candidate):
            return candidate


def _is_prime(odd: int) -> bool:
    shift = ((odd - 1) & (1 - odd)).bit_length() - 1
    return all(_passes(odd, shift, 2 + secrets.randbelow(odd - 3)) for _ in range(ROUNDS))


def _passes(odd: int, shift: int, base: int) -> bool:
    power = pow(base, (odd - 1) >> shift, odd)
    if power in (1, odd - 1):
        return True
    for _ in range(shift - 1):
        power = power * power % odd
        if power == odd - 1:
            return True
    return False


# The part of DER (X.690) that a key needs.


def _sequence(*numbers: int) -> bytes:
    return _der(0x30, b"".join(_der(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big")) for number in numbers))


def _der(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content


def _pem(der: bytes) -> str:
    text = base64.b64encode(der).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join(["-----BEGIN RSA PRIVATE KEY-----", *lines, "-----END RSA PRIVATE KEY-----", ""])


KINDS = {"rsa": new_rsa_key, "ed25519": _new_ed25519}
