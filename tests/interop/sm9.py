#!/usr/bin/env python3
"""SM9 between two implementations: ours and gmalg (PyPI, pure Python) sign, verify, encapsulate, encrypt and
exchange keys with one another, on random keys; what was changed on the way is refused.

  tests/interop/sm9.py PEER [ROUNDS]    PEER is the program heqi_sm9_peer
"""
import secrets
import subprocess
import sys

import gmalg

ORDER = 0xB640000002A3A6F1D603AB4FF58EC74449F2934B18EA8BEEE56EE19CD69ECF25
ALICE, BOB, EVE = b"alice@example.com", "鲍勃".encode(), b"eve"


class Ours:
    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, command, *arguments):
        """The results as bytes, or None where ours refuses."""
        self.process.stdin.write(" ".join([command, *(argument.hex() for argument in arguments)]) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().split()
        if not answer:
            raise SystemExit(f"heqi_sm9_peer ended at {command}")
        return None if answer == ["refused"] else [bytes.fromhex(word) for word in answer]


def require(condition, what):
    if not condition:
        raise SystemExit(f"sm9: {what}")


def changed(data):
    return bytes([*data[:-1], data[-1] ^ 1])


def signatures(ours):
    ks = (1 + secrets.randbelow(ORDER - 1)).to_bytes(32, "big")
    message = secrets.token_bytes(1 + secrets.randbelow(200))
    public, h, s = ours("sign", ks, ALICE, message)
    centre = gmalg.SM9KGC(hid_s=b"\x01", msk_s=ks, mpk_s=public)
    theirs = gmalg.SM9(hid_s=b"\x01", mpk_s=public, sk_s=centre.generate_sk_sign(ALICE), uid=ALICE)
    require(centre.generate_mpk_sign(ks) == public, "the master public keys differ")
    require(theirs.verify(message, h, s), "gmalg refuses our signature")
    require(not theirs.verify(changed(message), h, s), "gmalg takes a changed message")
    h, s = theirs.sign(message)
    h = h.rjust(32, b"\0")
    require(ours("verify", public, ALICE, message, h, s) is not None, "we refuse gmalg's signature")
    require(ours("verify", public, EVE, message, h, s) is None, "we take another signer")
    require(ours("verify", public, ALICE, changed(message), h, s) is None, "we take a changed message")
    require(ours("verify", public, ALICE, message, changed(h), s) is None, "we take a changed h")
    require(ours("verify", public, ALICE, message, h, changed(s)) is None, "we take a changed S")


def users(hid):
    ke = (1 + secrets.randbelow(ORDER - 1)).to_bytes(32, "big")
    public = gmalg.SM9KGC().generate_mpk_encrypt(ke)
    centre = gmalg.SM9KGC(hid_e=hid, msk_e=ke, mpk_e=public)

    def user(name):
        return gmalg.SM9(hid_e=hid, mpk_e=public, sk_e=centre.generate_sk_encrypt(name), uid=name)

    return ke, public, user


def encryption(ours):
    ke, public, user = users(b"\x03")
    bob = user(BOB)
    c, key = ours("encapsulate", public, BOB, bytes([40]))
    require(bob.decapsulate(c, 40) == key, "gmalg opens another key than we sealed")
    key, c = bob.encapsulate(40, BOB)
    require(ours("decapsulate", ke, BOB, c, bytes([40])) == [key], "we open another key than gmalg sealed")
    require(ours("decapsulate", ke, EVE, c, bytes([40])) != [key], "another user opens the key")

    message = secrets.token_bytes(1 + secrets.randbelow(100))
    require(bob.decrypt(b"".join(ours("encrypt", public, BOB, message))) == message, "gmalg cannot decrypt ours")
    sealed = bob.encrypt(message, BOB)
    c1, c3, c2 = sealed[:65], sealed[65:97], sealed[97:]
    require(ours("decrypt", ke, BOB, c1, c3, c2) == [message], "we cannot decrypt gmalg's")
    require(ours("decrypt", ke, EVE, c1, c3, c2) is None, "another user decrypts")
    require(ours("decrypt", ke, BOB, c1, changed(c3), c2) is None, "we take a changed C3")
    require(ours("decrypt", ke, BOB, c1, c3, changed(c2)) is None, "we take a changed C2")


def exchange(ours):
    ke, _, user = users(b"\x02")
    alice, bob = user(ALICE), user(BOB)
    r, share = alice.begin_key_exchange(BOB)
    answer, key = ours("answer", ke, BOB, ALICE, share, bytes([48]))
    agreed = alice.end_key_exchange(48, r, share, BOB, answer, gmalg.KEYXCHG_MODE.INITIATOR)
    require(agreed == key, "the keys differ where gmalg begins")
    (share,) = ours("begin", ke, ALICE, BOB)
    r, answer = bob.begin_key_exchange(ALICE)
    agreed = bob.end_key_exchange(48, r, answer, ALICE, share, gmalg.KEYXCHG_MODE.RESPONDER)
    require(ours("finish", answer, bytes([48])) == [agreed], "the keys differ where we begin")


def main():
    ours = Ours(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    for _ in range(rounds):
        signatures(ours)
        encryption(ours)
        exchange(ours)
    print(f"sm9: {rounds} rounds with gmalg agree")


main()
