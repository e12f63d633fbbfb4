"""What is computed from a section of the configuration is computed once, and never outlives the values that it comes from."""

import ast
import pickle
from pathlib import Path

import idna
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.config.calendar import usual_day
from helpdesk.config.domain_names import u_labels
from helpdesk.config.opening_hours import Calendar
from helpdesk.config.people import Account, Staff, SupportAddress
from helpdesk.config.policy import OF_ACCOUNTS, Policy
from helpdesk.threading.decisions.customer import team_letter
from helpdesk.threading.lifecycle.ready import _reader
from helpdesk.threading.model.people import StaffList, StaffMember, StaffRole, staff_member_at

SUPPORT = SupportAddress(address="help@support.example.com")


def test_a_value_is_computed_once() -> None:
    computed: list[Calendar] = []

    def count(calendar: Calendar) -> int:
        computed.append(calendar)
        return len(computed)

    calendar = Calendar()
    assert (calendar.derived(count), calendar.derived(count)) == (1, 1)


def test_a_changed_copy_computes_anew() -> None:
    calendar = Calendar()
    whole = usual_day(calendar)
    halved = calendar.model_copy(update=dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "09:00-13:00"))
    assert usual_day(halved) * 2 == whole
    policy = Policy(addresses=(SUPPORT,), accounts=(Account(id="acme"),))
    assert policy.account("acme") is not None
    assert policy.model_copy(update={"accounts": ()}).account("acme") is None


def test_a_policy_with_other_people_shares_what_has_nothing_to_do_with_them() -> None:
    """Each batch of mails has a policy with the accounts that it is about; the words of triage are not read anew for that."""
    policy = Policy(addresses=(SUPPORT,), accounts=(Account(id="acme"),), staff=(Staff(name="A", address="a@desk.example"),))
    other = policy.with_accounts((Account(id="hooli", severity="high"),))
    assert (other.account("acme"), policy.account("hooli")) == (None, None)
    found = other.account("hooli")
    assert found is not None and found.severity == "high"
    assert other.lexicons is policy.lexicons
    assert other.derived(_reader) is policy.derived(_reader)
    assert other.model_copy(update={"accounts": ()}).account("hooli") is None
    team = policy.with_staff((Staff(name="B", address="b@desk.example", hours="09:00-13:00"),))
    assert (team.hours_of("b@desk.example"), team.hours_of("a@desk.example")) == ("09:00-13:00", "")
    assert team.lexicons is policy.lexicons
    assert pickle.loads(pickle.dumps(other)) == other


def test_whatever_is_computed_from_accounts_says_so() -> None:
    """A function that reads the accounts of a policy and is not marked would go on with those of another batch."""
    root = Path(__file__).parents[2]
    reading = set()
    for room in ("config", "threading", "templates", "store", "gateway"):
        for path in (root / room).rglob("*.py"):
            tree = ast.parse(path.read_text())
            given = {
                ast.unparse(node.args[0])
                for node in ast.walk(tree)
                if isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "derived"
                and node.args
            }
            for node in tree.body:
                if isinstance(node, ast.FunctionDef) and node.name in given and ".accounts" in ast.unparse(node):
                    reading.add(node.name)
                    assert "of_accounts" in [ast.unparse(decorator) for decorator in node.decorator_list], node.name
    assert team_letter.__name__
    assert reading == {build.__name__ for build in OF_ACCOUNTS}


def test_computed_values_are_no_part_of_a_section() -> None:
    known, fresh = Policy(addresses=(SUPPORT,)), Policy(addresses=(SUPPORT,))
    assert known.account("acme") is None
    assert known.lexicons is known.lexicons
    assert known == fresh
    assert known.model_dump() == fresh.model_dump()
    assert pickle.loads(pickle.dumps(known)) == fresh


def test_rows_are_found_by_their_names_and_the_first_of_equal_names_counts() -> None:
    rows = (Account(id="acme", plan="a"), Account(id="other", calendar="none"), Account(id="acme", plan="b"))
    staff = (Staff(name="A", address="A@desk.example", hours="09:00-13:00"), Staff(name="B", address="b@desk.example"))
    policy = Policy(addresses=(SUPPORT,), accounts=rows, staff=staff)
    assert policy.account("acme") is rows[0]
    assert policy.account(None) is None
    assert policy.calendar_for("other") is policy.calendar
    assert (policy.hours_of("a@desk.example"), policy.hours_of("b@desk.example"), policy.hours_of("c@desk.example")) == (
        "09:00-13:00",
        "",
        "",
    )
    assert [policy.place_of_staff(address) for address in ("a@desk.example", "b@desk.example", "c@desk.example")] == [0, 1, 2]
    assert policy.support_address("help@support.example.com") is SUPPORT


def test_a_list_of_staff_finds_whom_a_look_at_all_finds() -> None:
    members = tuple(StaffMember(str(number), f"m{number % 3}@desk.example", StaffRole.AGENT, (), 0) for number in range(5))
    for address in ("m0@desk.example", "m2@desk.example", "m9@desk.example", "", None):
        assert staff_member_at(address, StaffList(members)) is staff_member_at(address, members)
    assert StaffList(members) == members


@given(
    st.text(st.sampled_from("aAz09.-_xn@ü\u3002\u00df"), max_size=12)
    | st.sampled_from(["xn--bcher-kva.example", "XN--BCHER-KVA", "a.xn--b"])
)
def test_a_domain_is_read_as_the_library_reads_it(name: str) -> None:
    try:
        expected = idna.decode(name)
    except UnicodeError:
        expected = name
    assert u_labels(name) == expected
