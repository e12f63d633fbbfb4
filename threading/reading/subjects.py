"""The subject without prefixes such as `Re:`. It is for display, and a hint that a mail is an answer."""

MOST_PREFIXES = 10
LONGEST = 400

# Re: and Fwd: as mail clients write them in the languages of the desk and their neighbours.
PREFIXES = frozenset(
    "re fw fwd aw wg antw antwort ant doorst fs vs vl sv vb vid rv enc res ref rif r i inc tr réf ref odp pd podaj dalej vá továbbítás "
    "yan ynt ilt ilet atb pers hal ml bls trs tb fyi на нa отв пер пересл ha переслано ответ ответить "
    "回复 回覆 答复 答覆 转发 轉寄 转寄 返信 転送 回信 전달 회신 답장 σχετ απ πρθ הועבר תגובה השב رد إعادة".split()
)


def base_subject(subject: str) -> str:
    """`Login` for `Aw: Re[2]: Fwd: Login`. Full-width colons and counters are understood."""
    rest = subject[:LONGEST].strip()
    tail = subject.strip()[LONGEST:]
    for _ in range(MOST_PREFIXES):
        at = min((found for colon in ":：" if (found := rest.find(colon)) > 0), default=0)
        if not at or _word(rest[:at]) not in PREFIXES:
            break
        rest = rest[at + 1 :].lstrip()
    return rest + tail


def _word(prefix: str) -> str:
    """The prefix without a counter: `Re[2]`, `RE(3)`, `Re^2`."""
    bare = prefix.strip().lower().rstrip("0123456789[](){}^* ")
    return bare.lstrip("[( ")
