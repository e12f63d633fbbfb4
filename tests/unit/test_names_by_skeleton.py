"""Known names are found by their skeleton: the answer is that of a comparison with every name, and the work does not grow with them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.oracles.plain_lookalikes import plain_looks_like

from helpdesk.config.people import Account, Staff, SupportAddress
from helpdesk.config.policy import Policy
from helpdesk.threading.trust import lookalikes
from helpdesk.threading.trust.lookalikes import KnownNames, looks_like

SUPPORT = SupportAddress(address="help@support.example.com")

# Few letters that resemble each other, so that names meet: also letters of other scripts, marks, A-labels and what is no domain.
letters = st.text(st.sampled_from("oO0il1|rnmvwabü\u0430\u043e\u0301\uff41ß_-."), max_size=5)
labels = st.one_of(
    letters, st.sampled_from(["xn--cme-example-xij", "xn--", "acme", "acrne", "\u0430cme", "XN--BCHER-KVA", "a..b", ""])
)
names = st.one_of(labels, st.builds("{}@{}".format, letters, labels), st.builds("{}@{}@{}".format, letters, letters, labels))


@given(address=names, known=st.lists(names, max_size=12))
def test_the_index_names_what_a_comparison_with_every_name_does(address: str, known: list[str]) -> None:
    expected = plain_looks_like(address, known)
    assert KnownNames(known).like(address) == expected
    assert looks_like(address, known) == expected


@given(known=st.lists(names, min_size=1, max_size=12), data=st.data())
def test_a_name_that_is_spelled_in_another_way_is_found(known: list[str], data: st.DataObject) -> None:
    address = data.draw(st.sampled_from(known)).replace("o", "0").replace("rn", "m").replace("a", "\u0430")
    assert KnownNames(known).like(address) == plain_looks_like(address, known)


def known_desk(accounts: int) -> tuple[str, ...]:
    rows = tuple(
        Account(id=f"a{number}", contacts=(f"person{number}@firm{number}.example",), domains=(f"firm{number}.example",))
        for number in range(accounts)
    )
    policy = Policy(addresses=(SUPPORT,), staff=(Staff(name="Omar", address="omar@desk.example"),), accounts=rows)
    return tuple(name for account in policy.accounts for name in (*account.addresses, *account.domains))


@pytest.mark.parametrize("accounts", [1, 1000])
@pytest.mark.parametrize(
    ("address", "compared"), [("anna@firm.test", 0), ("anna@firm0.example", 1), ("pers0n0@firmo.example", 2)]
)
def test_an_address_is_compared_with_the_names_of_its_skeleton_alone(
    accounts: int, address: str, compared: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, comparisons = KnownNames(known_desk(accounts)), []
    plain = lookalikes._is_alike

    def count(read: str, name: str) -> bool:
        comparisons.append(name)
        return plain(read, name) and False  # so that every candidate is asked

    monkeypatch.setattr(lookalikes, "_is_alike", count)
    assert known.like(address) == ""
    assert len(comparisons) == compared
