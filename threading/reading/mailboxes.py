"""Mailboxes in address lists (RFC 5322 §3.4): tolerant of malformed display names, exact about addresses.

One walk over the characters, without recursion. Encoded words are decoded in display names only, because other mail
clients do not see an address that appears only after decoding.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from helpdesk.threading.reading.limits import ADDRESS_FIELD_OCTETS, ADDRESSES
from helpdesk.threading.reading.parsed import Mailbox
from helpdesk.threading.reading.words import decode_words, one_line, text_of


@dataclass(slots=True)
class _Item:
    """The text between two commas of an address list, sorted by syntax."""

    phrase: list[str] = field(default_factory=list)
    comment: list[str] = field(default_factory=list)
    angles: list[str] = field(default_factory=list)
    quoted: list[str] = field(default_factory=list)

    def is_empty(self) -> bool:
        return not (self.angles or "".join(self.phrase).strip() or "".join(self.comment).strip())


@dataclass(slots=True)
class _Walk:
    """One walk over an address list. `step` takes the next character; it is another one inside quotes, comments and angle brackets."""

    step: "Callable[[_Walk, str], None]"
    item: _Item = field(default_factory=_Item)
    items: list[_Item] = field(default_factory=list)
    depth: int = 0
    escaped: bool = False

    def close_item(self) -> None:
        if not self.item.is_empty():
            self.items.append(self.item)
        self.item = _Item()


# A list of one mailbox without quotes, comments and groups.
ONE_ITEM = re.compile(r"([^\"(<,;:]*)<([^>]*)>([^\"(<,;:]*)")
QUOTED_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
LONGEST_PLAIN = 998  # octets: one line (RFC 5322 §2.1.1)
CONTROLS = bytes([*range(9), 11, 12, *range(14, 32), 127])  # all but the blanks of folding
SPECIALS = frozenset('<>()[]:;@,"\\')


def mailboxes(value: bytes, charset: str = "") -> tuple[Mailbox, ...]:
    """The mailboxes of one field, at most `ADDRESSES`. Members of groups are included, names of groups are not.

    `charset` is a label for raw octets in names.
    """
    text = text_of(value[:ADDRESS_FIELD_OCTETS], charset)
    one = ONE_ITEM.fullmatch(text)
    items = [_Item([one[1], one[3]], angles=[one[2]], quoted=[one[2]])] if one else _items(text)
    return tuple(mailbox for item in items for mailbox in _mailboxes_of(item))[:ADDRESSES]


def _items(text: str) -> list[_Item]:
    """The items of an address list, by a walk over its characters."""
    walk = _Walk(_in_phrase)
    for letter in text:
        walk.step(walk, letter)
        if len(walk.items) >= ADDRESSES:
            break
    walk.close_item()
    return walk.items


def _in_phrase(walk: _Walk, letter: str) -> None:
    if letter == '"':
        walk.step = _in_quoted
        walk.item.phrase.append('"')
    elif letter == "(":
        walk.step, walk.depth = _in_comment, 1
    elif letter == "<":
        walk.step = _in_angle
        walk.item.angles.append("")
        walk.item.quoted = []
    elif letter in ",;":
        walk.close_item()
    elif letter == ":" and "@" not in walk.item.phrase:
        walk.item = _Item()
    else:
        walk.item.phrase.append(letter)


def _in_quoted(walk: _Walk, letter: str) -> None:
    if walk.escaped:
        walk.escaped = False
        walk.item.phrase.append("\\" + letter)
    elif letter == "\\":
        walk.escaped = True
    else:
        walk.item.phrase.append(letter)
        if letter == '"':
            walk.step = _in_phrase


def _in_comment(walk: _Walk, letter: str) -> None:
    if walk.escaped:
        walk.escaped = False
    elif letter == "\\":
        walk.escaped = True
        return
    elif letter == "(":
        walk.depth += 1
    elif letter == ")":
        walk.depth -= 1
        if not walk.depth:
            walk.step = _in_phrase
            walk.item.comment.append(" ")
            return
    walk.item.comment.append(letter)


def _in_angle(walk: _Walk, letter: str) -> None:
    if letter == ">":
        walk.item.angles[-1] = "".join(walk.item.quoted)
        walk.step = _in_phrase
    else:
        walk.item.quoted.append(letter)
        walk.item.angles[-1] = "…"


def _mailboxes_of(item: _Item) -> list[Mailbox]:
    phrase = "".join(item.phrase)
    comment = _display_name("".join(item.comment))
    if item.angles:
        if item.angles[-1] == "…":  # never closed
            item.angles[-1] = "".join(item.quoted)
        addresses = [_addr_spec(angle) for angle in item.angles]
        name = _display_name(phrase) or comment
        return [Mailbox(name, address) for address in addresses if address or name]
    words = _words(phrase)
    found = [word for word in words if "@" in word and not word.startswith('"') or word.startswith('"') and '"@' in word]
    name = _display_name(" ".join(word for word in words if word not in found)) or comment
    if not found:
        return [Mailbox(name, "")] if name else []
    return [Mailbox(name, _addr_spec(word)) for word in found]


def _words(phrase: str) -> list[str]:
    """The words of an item without angle brackets. White space around `@`, and around dots after it, does not separate words."""
    joined: list[str] = []
    for word in _outside_quotes(phrase):
        after_at = bool(joined) and "@" in joined[-1]
        if joined and (word[0] == "@" or joined[-1][-1] == "@" or (after_at and (word[0] == "." or joined[-1][-1] == "."))):
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def _outside_quotes(phrase: str) -> list[str]:
    words: list[str] = []
    current: list[str] = []
    quoted = escaped = False
    for letter in phrase:
        if letter.isspace() and not quoted:
            if current:
                words.append("".join(current))
            current = []
            continue
        current.append(letter)
        if letter == '"' and not escaped:
            quoted = not quoted
        escaped = letter == "\\" and not escaped
    return [*words, "".join(current)] if current else words


def _addr_spec(raw: str) -> str:
    """The addr-spec, without an obsolete source route `@a,@b:` (RFC 5322 §4.4) and without `mailto:`."""
    address = _without_comments(raw).strip() if "(" in raw else raw.strip()
    if address.startswith("@") and ":" in address:
        address = address.partition(":")[2]
    if address[:7].lower() == "mailto:":
        address = address[7:]
    if '"' in address:
        return one_line(address)
    return one_line(address).replace(" ", "").strip("<>'")


def _without_comments(address: str) -> str:
    """An address without its comments (RFC 5322 §3.2.2), which may be nested and may hold escaped brackets. Quoted parts stay."""
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for letter in address:
        if escaped or letter == "\\":
            escaped = not escaped
        elif letter == '"' and not depth:
            quoted = not quoted
        elif letter == "(" and not quoted:
            depth += 1
        elif letter == ")" and depth:
            depth -= 1
            continue
        if not depth:
            kept.append(letter)
    return "".join(kept) if not depth else address


def _display_name(raw: str) -> str:
    """A display name without quotes, with escapes resolved and encoded words decoded."""
    plain = raw.replace('\\"', "\0").replace('"', "").replace("\0", '"').replace("\\\\", "\\")
    name = one_line(decode_words(plain)).strip()
    return name[1:-1] if len(name) > 1 and name[0] == name[-1] == "'" else name


def is_one_plain_mailbox(value: bytes) -> bool:
    """Whether every reader sees the same person in a From value (RFC 5322 §3.4).

    That is so for an `addr-spec` alone, or a phrase and `<addr-spec>`, without comments, groups, routes, quoted local parts and control
    characters.
    """
    if len(value) > LONGEST_PLAIN or value.translate(None, CONTROLS) != value:
        return False
    text = " ".join(value.decode("latin-1").split())
    phrase, bracket, rest = text.rpartition("<")
    if not bracket:
        return _is_bare(text)
    return rest.endswith(">") and _is_bare(rest[:-1]) and not SPECIALS & set(QUOTED_STRING.sub("", phrase))


def _is_bare(text: str) -> bool:
    if text.startswith(("=?", "'")) or text.endswith("'"):  # readers show something else
        return False
    return text.count("@") == 1 and not (SPECIALS - {"@"} | {" "}) & set(text)
