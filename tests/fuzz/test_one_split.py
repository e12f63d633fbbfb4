"""Our strict split of the header equals that of other readers, or the mail has no author: a slice of the campaign `header_splits`, and corpora."""

import pytest
from support.campaigns import header_splits
from support.campaigns.header_splits import corpus_mails, differing_reader
from support.mails.mutated_mails import CORPORA
from support.mails.provider_mails import written

from helpdesk.threading.reading.strict import ENVELOPE_LINE, header_doubt


def test_mutated_mails_are_split_alike_or_in_doubt() -> None:
    summary = header_splits.run(1, 3000)
    assert " 0 of them" not in summary


def test_mails_of_the_public_corpora_are_split_alike_or_in_doubt() -> None:
    paths = list(corpus_mails())
    if not paths:
        pytest.skip(f"the public corpora are not at {CORPORA}")
    broken = {path.name: other for path in paths if (other := differing_reader(path.read_bytes()))}
    assert not broken


def test_the_line_of_a_mailbox_file_is_skipped_by_everybody() -> None:
    content = ENVELOPE_LINE + b"x@y Mon Nov 23 09:00:00 2026\n" + written("neomutt").replace(b"\r\n", b"\n")
    assert not header_doubt(content)
    assert not differing_reader(content)
