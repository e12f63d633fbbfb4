"""Doubts about a mail as sentences, so that staff read them in their own language.

A mail is read in a process that knows no languages; it names each doubt by an English clause. Here each of those clauses is a sentence. A test
finds every clause of `reading.strict`, `reading.coverage` and `reading.head`.
"""

import re

from helpdesk.threading.model.sentence import Sentence, plain, sentence
from helpdesk.threading.reading.limits import HEADER_FIELDS, HEADER_OCTETS

TOO_LARGE = sentence("its header is larger than {octets} octets", octets=HEADER_OCTETS)
TOO_MANY = sentence("it has more than {count} header fields", count=HEADER_FIELDS)
NO_FIELD = sentence("a line of its header is no field")
NO_HEADER = sentence("it has no header")
BLANK_LINE = sentence("a blank line stands before its header")
PLAIN = (
    TOO_LARGE,
    TOO_MANY,
    NO_FIELD,
    NO_HEADER,
    BLANK_LINE,
    sentence("there is a NUL in its header"),
    sentence("the lines of its header end in different ways"),
    sentence("its header begins with a continued line"),
    sentence("it can be read in two ways where its header ends"),
    sentence("the fields of its header can be read in two ways"),
    sentence("its parts can be read in two ways"),
    sentence("the header of one of its parts can be read in two ways"),
    sentence("lines of its text can be joined in two ways"),
    sentence("the delimiters of its parts are not signed"),
    sentence("which of its parts stand for each other is not signed"),
    sentence("its two texts differ, and which of them counts is not signed"),
    sentence("whether it is a text or a file is not signed"),
    sentence("the encoding of its text is not signed"),
    sentence("the type of its text is not signed"),
    sentence("the charset of its text is not signed"),
)
LIMIT, LOOSE = "its header is beyond a limit: ", "its header is not by the book: "
OTHER_NAMES = {
    f"{LIMIT}headers larger than {HEADER_OCTETS} octets": TOO_LARGE,
    f"{LIMIT}more than {HEADER_FIELDS} header fields": TOO_MANY,
    f"{LOOSE}a line in the header is no field": NO_FIELD,
    f"{LOOSE}no header": NO_HEADER,
    f"{LOOSE}blank line before the header": BLANK_LINE,
    f"{LOOSE}a parameter at the begin of a line": sentence("a parameter stands at the beginning of a line of its header"),
    f"{LOOSE}no blank line between header and body": sentence("no blank line stands between its header and its text"),
}
BY_TEXT = {str(known): known for known in PLAIN} | OTHER_NAMES
SEVERAL = re.compile(r"several ([A-Za-z-]{1,20}) fields")
MALFORMED = re.compile(r"malformed ([A-Za-z-]{1,20}) field name")
SECOND = re.compile(r"a second ([A-Za-z-]{1,40}) field stands beside the signed one")
TYPE = re.compile(r"its type (\S{1,200}) is not signed")


def doubt_in_words(text: str) -> Sentence:
    """The sentence of a doubt. A clause that is not known stays as it is."""
    if known := BY_TEXT.get(text):
        return known
    if found := SEVERAL.fullmatch(text):
        return sentence("the mail has several {field} fields", field=found[1])
    if found := MALFORMED.fullmatch(text):
        return sentence("the name of its {field} field is malformed", field=found[1])
    if found := SECOND.fullmatch(text):
        return sentence("a second {field} field stands beside the signed one", field=found[1])
    if found := TYPE.fullmatch(text):
        return sentence("its type {type} is not signed", type=found[1])
    return plain(text)
