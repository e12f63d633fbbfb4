"""Slices of the campaigns against the HTTP API; `python tests/campaign.py --only api --count 100000` goes on for long."""

from support.campaigns import api_model_rig, api_rig


def test_no_request_makes_a_fault_or_shows_what_is_another_account_s() -> None:
    """Requests as the document describes them, as it does not, and chains of them, by the keys of two accounts in turns."""
    told = api_rig.run(7, 150)
    assert "200: " in told


def test_mail_rows_and_api_make_one_conversation() -> None:
    assert "customer_by_api" in api_model_rig.run(7, 40)
