"""An origin in plain sentences for the operator, one for each check. `helpdesk why` prints them."""

from helpdesk.threading.model.origin import Origin, Result, Seal, Signature


def origin_sentences(origin: Origin) -> tuple[str, ...]:
    """SPF, each signature, ARC, then DMARC. A check that was not made has no sentence."""
    lines = [_spf(origin)] if origin.spf else []
    lines += [f"DKIM {signature.result}: {_signature(signature)}." for signature in origin.signatures]
    if origin.author and not origin.signatures:
        lines.append("DKIM none: the mail is not signed.")
    if origin.arc:
        lines.append(f"ARC {origin.arc.result}: {_seal(origin.arc)}.")
    return (*lines, f"DMARC {origin.dmarc.result}: {_dmarc(origin)}.")


def _spf(origin: Origin) -> str:
    assert origin.spf is not None
    other = "" if origin.spf.aligned or not origin.spf.domain else ", which is not the author's domain"
    return f"SPF {origin.spf.result}: {origin.spf.reason}{other}."


def _signature(signature: Signature) -> str:
    named = f"signature of {signature.domain or 'nobody'}" + (f" by its key {signature.selector}" if signature.selector else "")
    if signature.result is Result.PASS:
        return f"the {named} holds" + ("" if signature.covers else ", but does not cover all that tells a mail apart")
    return f"the {named}: {signature.reason}" if signature.domain else signature.reason


def _seal(seal: Seal) -> str:
    if seal.result is Result.PASS:
        return f"the chain that {seal.sealer} closed holds, and it found DMARC {seal.dmarc or 'none'}"
    return (f"the chain that {seal.sealer} closed: " if seal.sealer else "") + seal.reason


def _dmarc(origin: Origin) -> str:
    policy = f"; the policy of {origin.dmarc.domain} is {origin.dmarc.policy}" if origin.dmarc.policy else ""
    if origin.dmarc.result is Result.PASS:
        return f"the mail is by {origin.author}{policy}"
    return (origin.dmarc.reason or f"nothing proves {origin.author}") + policy
