"""What reading a mail costs, beside the bare MIME reader and the bare standard library, in one run.

    python tests/benchmarks/bench_reading.py

The mails are usual ones of each size; then answers of 10 kB with a long quote: in plain text, in both forms, and in HTML alone, on which
the bare readers do nothing.

Each way of reading has its own process, so that its peak memory is its own. Times are of the processor, the best of several rounds; memory is what the peak
of the process grew by over the largest peak before that mail.
"""

import base64
import email
import logging
import multiprocessing
import random
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass

SIZES = (1_000, 10_000, 100_000, 1_000_000, 20_000_000)
WAYS = ("standard library", "mail-parser", "whole reading")
FORMS = ("plain", "both", "HTML")
SECONDS = 0.6  # for one size and way
WORDS = "Hello I cannot log in to my account since the update of yesterday and the page shows an error please help thanks".split()


@dataclass(frozen=True)
class Cost:
    seconds: float
    octets: int


def sample(size: int, dice: random.Random) -> bytes:
    """A usual mail of about `size` octets: trace fields, plain text and HTML, and for the rest an attachment."""
    top = _trace(min(size // 2_000, 4)) + (
        "From: Anna Jones <anna@example.org>\r\nTo: Help <help@example.com>\r\nSubject: =?utf-8?q?Caf=C3=A9?= order\r\n"
        "Date: Mon, 6 May 2024 10:12:00 +0200\r\nMessage-ID: <one@example.org>\r\nMIME-Version: 1.0\r\n"
    )
    if size < 2_000:
        return (top + "Content-Type: text/plain; charset=utf-8\r\n\r\n" + _prose(size - 400, dice)).encode()
    text = _prose(min(size, 20_000) * 3 // 10, dice)
    html = "".join(f"<div>{line}</div>\r\n" for line in text.split("\r\n"))
    start = (
        f"{top}Content-Type: multipart/mixed; boundary=b0\r\n\r\n--b0\r\nContent-Type: multipart/alternative; boundary=b1\r\n\r\n"
        f"--b1\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        f"--b1\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body>{html}</body></html>\r\n--b1--\r\n"
    )
    rest = max(size - len(start) - 200, 0) * 3 // 4
    encoded = base64.encodebytes(dice.randbytes(rest)).decode().replace("\n", "\r\n")
    named = 'Content-Type: application/pdf; name="a.pdf"\r\nContent-Disposition: attachment; filename="a.pdf"'
    return f"{start}--b0\r\n{named}\r\nContent-Transfer-Encoding: base64\r\n\r\n{encoded}\r\n--b0--\r\n".encode()


def answer(form: str, dice: random.Random) -> bytes:
    """An answer of about 10 kB with what it quotes, in one of `FORMS`."""
    own, old = _prose(1_500, dice).split("\r\n"), _prose(7_000 if form == "plain" else 2_500, dice).split("\r\n")
    top = _trace(4) + (
        "From: Anna Jones <anna@example.org>\r\nTo: Help <help@example.com>\r\nSubject: Re: order\r\nDate: Mon, 6 May 2024 10:12:00 +0200\r\n"
        "In-Reply-To: <two@example.com>\r\nMessage-ID: <one@example.org>\r\nMIME-Version: 1.0\r\nContent-Type: "
    )
    said = "On Mon, 6 May 2024 at 09:01, Help <help@example.com> wrote:"
    text = "\r\n".join([*own, "", "Best regards", "Anna Jones", "", said, "", *(f"> {line}" for line in old)])
    style = 'class="MsoNormal" style="font-size:11.0pt;font-family:Calibri,sans-serif"'
    page = (
        "<html><body>"
        + "\r\n".join(f"<p {style}><span>{line}</span></p>" for line in own)
        + f'<div class="gmail_quote"><div class="gmail_attr">{said.replace("<", "&lt;")}<br></div><blockquote class="gmail_quote">'
        + "\r\n".join(f"<div>{line}</div>" for line in old)
        + "</blockquote></div></body></html>"
    )
    parts = {"plain": f"text/plain; charset=utf-8\r\n\r\n{text}", "HTML": f"text/html; charset=utf-8\r\n\r\n{page}"}
    both = "".join(f"--b\r\nContent-Type: {part}\r\n" for part in parts.values())
    parts["both"] = f"multipart/alternative; boundary=b\r\n\r\n{both}--b--"
    return f"{top}{parts[form]}\r\n".encode()


def _trace(hops: int) -> str:
    return "".join(
        f"Received: from mx{hop}.example.org ([192.0.2.{hop}]) by mail.example.com\r\n\twith ESMTPS id a{hop}; Mon, 6 May 2024 10:12:0{hop} +0200\r\n"
        for hop in range(hops)
    )


def _prose(length: int, dice: random.Random) -> str:
    lines: list[str] = []
    while sum(map(len, lines)) < length:
        lines.append(" ".join(dice.choices(WORDS, k=11)))
    return "\r\n".join(lines)


def way(name: str) -> Callable[[bytes], object]:
    """The reading function of that name; imported here, so that each process holds what it uses."""
    if name == "standard library":
        return email.message_from_bytes
    if name == "mail-parser":
        import mailparser

        return lambda content: mailparser.parse_from_bytes(content)
    from helpdesk.threading.reading.read import read

    return read


def measured(name: str, mails: list[bytes]) -> list[Cost]:
    logging.getLogger("mailparser").setLevel(logging.CRITICAL)
    reading = way(name)
    return [_cost(reading, content) for content in mails]


def _cost(reading: Callable[[bytes], object], content: bytes) -> Cost:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    reading(content)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    best, deadline = float("inf"), time.perf_counter() + SECONDS
    while time.perf_counter() < deadline:
        start = time.process_time()
        reading(content)
        best = min(best, time.process_time() - start)
    return Cost(best, grown * 1024)


def main() -> None:
    dice = random.Random(1)
    mails = [*(sample(size, dice) for size in SIZES), *(answer(form, dice) for form in FORMS)]
    kinds = ["usual"] * len(SIZES) + [f"answer, {form}" for form in FORMS]
    context = multiprocessing.get_context("spawn")
    costs: dict[str, list[Cost]] = {}
    for name in WAYS:
        with context.Pool(1) as pool:
            costs[name] = pool.apply(measured, (name, mails))
    print(
        f"{'mail':<15}{'octets':>10}"
        + "".join(f"{name + ', mails/s':>28}{'MiB more':>10}" for name in WAYS)
        + f"{'of mail-parser':>16}{'of stdlib':>11}"
    )
    for number, content in enumerate(mails):
        row = [costs[name][number] for name in WAYS]
        cells = "".join(f"{1 / cost.seconds:>28.1f}{cost.octets / 2**20:>10.1f}" for cost in row)
        print(
            f"{kinds[number]:<15}{len(content):>10}{cells}{row[2].seconds / row[1].seconds:>15.2f}x{row[2].seconds / row[0].seconds:>10.2f}x"
        )


if __name__ == "__main__":
    main()
