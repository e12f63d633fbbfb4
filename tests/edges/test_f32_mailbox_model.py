"""Whatever happens to a mailbox, in whatever order, every mail of it is stored exactly once: a slice of the campaign `mailbox_lives`."""

from support.campaigns import mailbox_lives


def test_every_mail_is_stored_exactly_once_whatever_happens() -> None:
    assert mailbox_lives.run(1, 20)
