"""Reading a configuration: what is taken, what is laid over it, and every problem at once."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from helpdesk.config.load import Configuration, ConfigurationProblems, Problem, digest_of, load
from helpdesk.config.opening_hours import Calendar
from helpdesk.config.overlay import ELSEWHERE
from helpdesk.config.people import SupportAddress
from helpdesk.config.policy import Policy
from helpdesk.config.settings import Relay, Smtp
from helpdesk.config.triage import Category

KEY = "ab" * 32
DESK = '[desk]\nname = "Accoraze Support"\ndomain = "support.example.com"\n'
ADDRESS = '[[address]]\naddress = "help@support.example.com"\n'
STAFF = '[[staff]]\nname = "Omar Haddad"\naddress = "omar@desk.example"\n'
SMALL = DESK + ADDRESS + STAFF

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a configuration and its secret; gives the file."""

    def written(text: str = SMALL, secret: str | None = f"a {KEY}\n", mode: int = 0o600) -> Path:
        file = tmp_path / "helpdesk.toml"
        file.write_text(text, "utf-8")
        if secret is not None:
            (tmp_path / "secret").write_text(secret, "utf-8")
            (tmp_path / "secret").chmod(mode)
        return file

    return written


def problems(file: Path, environment: Mapping[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigurationProblems) as caught:
        load(file, environment or {})
    folder = f"{file.parent}/"
    return [line.replace(folder, "") for line in str(caught.value).splitlines()]


def test_a_small_configuration_is_filled_with_defaults_and_absolute_paths(write: Write, tmp_path: Path) -> None:
    loaded = load(write(), {})
    assert isinstance(loaded, Configuration)
    assert loaded.settings.folder == tmp_path
    assert loaded.settings.database.url == f"sqlite:///{tmp_path}/var/helpdesk.db"
    assert loaded.settings.database.blobs == f"{tmp_path}/var/blobs"
    assert loaded.settings.desk.secret_file == f"{tmp_path}/secret"
    assert loaded.settings.relay.url == f"maildir:{tmp_path}/var/outgoing"
    assert loaded.settings.smtp is None
    assert set(loaded.policy.plans) == {"free", "starter", "business", "custom"}
    assert loaded.policy.addresses == (SupportAddress(address="help@support.example.com"),)


@pytest.mark.parametrize(
    ("written", "first", "further"),
    [
        ('address = "a@desk.example"', "a@desk.example", ()),
        ('address = "a@desk.example"\naddresses = ["B@home.example"]', "a@desk.example", ("b@home.example",)),
        ('addresses = ["a@desk.example", "b@home.example"]', "a@desk.example", ("b@home.example",)),
        ('address = "b@home.example"\naddresses = ["a@desk.example", "b@home.example"]', "b@home.example", ("a@desk.example",)),
    ],
)
def test_letters_go_to_the_first_of_several_addresses_of_staff(
    write: Write, written: str, first: str, further: tuple[str, ...]
) -> None:
    [member] = load(write(SMALL.replace('address = "omar@desk.example"', written)), {}).policy.staff
    assert (member.address, member.addresses) == (first, further)


def test_a_relative_name_of_the_file_gives_absolute_paths_too(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write()
    monkeypatch.chdir(tmp_path)
    assert load(Path("helpdesk.toml"), {}).settings.database.blobs == f"{tmp_path}/var/blobs"


def test_paths_that_are_absolute_and_urls_that_are_none_stay_as_they_are(write: Write, tmp_path: Path) -> None:
    (tmp_path / "cert.pem").touch()
    (tmp_path / "password").touch(0o600)
    text = f"""{SMALL}
[database]
url = "postgresql+psycopg://helpdesk@db.example/helpdesk"
blobs = "/srv/blobs"
[smtp]
certificate = "cert.pem"
key = "cert.pem"
[relay]
url = "smtp+starttls://desk@mail.example:587"
password_file = "password"
"""
    settings = load(write(text), {}).settings
    assert settings.database.url == "postgresql+psycopg://helpdesk@db.example/helpdesk"
    assert settings.database.blobs == "/srv/blobs"
    assert settings.smtp is not None
    assert (settings.smtp.certificate, settings.smtp.key) == (f"{tmp_path}/cert.pem", f"{tmp_path}/cert.pem")
    assert settings.relay.url == "smtp+starttls://desk@mail.example:587"
    assert settings.relay.password_file == f"{tmp_path}/password"


def test_the_environment_lies_over_the_file_and_opens_a_section_that_is_not_written(write: Write) -> None:
    environment = {
        "HELPDESK_RELAY__URL": "smtp://mail.example:25",
        "HELPDESK_SMTP__MAX_SESSIONS": "7",
        "HELPDESK_AUTHENTICATION__TRUSTED_RELAYS": '["10.0.0.0/8", "::1"]',
        "HELPDESK_LOG_FORMAT": "json",
        "HELPDESK_CLOSING__CLOSE_AFTER": "2d",
        "PATH": "/bin",
    }
    loaded = load(write(SMALL + '[relay]\nurl = "maildir:out"\nconnections = 2\n'), environment)
    assert (loaded.settings.relay.url, loaded.settings.relay.connections) == ("smtp://mail.example:25", 2)
    assert loaded.settings.smtp is not None
    assert loaded.settings.smtp.max_sessions == 7
    assert loaded.settings.authentication.trusted_relays == ("10.0.0.0/8", "::1/128")
    assert loaded.settings.log_format == "json"
    assert loaded.policy.closing.close_after.days == 2


def test_a_problem_that_came_from_the_environment_names_the_variable(write: Write) -> None:
    environment = {"HELPDESK_RELAY__URL": "http://x", "HELPDESK_RELAY__URI": "y", "HELPDESK_RLAY__URL": "z", "HELPDESK_X": "1"}
    environment["HELPDESK_AUTHENTICATION__ASSUME_FROM"] = '["nowhere"]'
    found = problems(write(), environment)
    assert [line.split(", ")[0] for line in found] == [
        "environment: HELPDESK_RELAY__URI: unknown variable",
        "environment: HELPDESK_RLAY__URL: unknown variable",
        "environment: HELPDESK_X: unknown variable",
        "environment: HELPDESK_RELAY__URL: allowed: maildir:FOLDER",
        "environment: HELPDESK_AUTHENTICATION__ASSUME_FROM: write a network such as 192.0.2.0/24",
    ]
    assert 'did you mean "HELPDESK_RELAY__URL"?' in found[0]


def test_variables_that_are_read_elsewhere_are_known(write: Write) -> None:
    load(write(), dict.fromkeys(ELSEWHERE, f"a {KEY}"))


def test_all_problems_come_at_once_each_with_file_key_and_what_is_allowed(write: Write) -> None:
    text = """
[desk]
name = "A"
domain = "support.example.com"
prefx = "ACZ"
[[address]]
address = "help@other.example"
queue = "nobody's"
[[staff]]
name = "Omar"
address = "omar@desk.example"
role = "boss"
[relay]
url = "ftp://x"
connections = 0
[categories.foo]
severity = "urgent"
[bogus]
"""
    assert [line.split(", ")[0] for line in problems(write(text, secret=None))] == [
        "helpdesk.toml: bogus: unknown section or key",
        "helpdesk.toml: desk.prefx: unknown key",
        "helpdesk.toml: relay.url: allowed: maildir:FOLDER",
        "helpdesk.toml: relay.connections: at least 1",
        'helpdesk.toml: staff[0].role: "boss" is not possible',
        'helpdesk.toml: categories.foo.severity: "urgent" is not possible',
        "helpdesk.toml: address[0].address: its domain is not desk.domain",
        'helpdesk.toml: address[0].queue: nobody works in the queue "nobody\'s"; write it into the queues of a [[staff]]',
        'helpdesk.toml: default_category: there is no "technical issue"',
        "secret: no such file; `helpdesk init DIR` makes one",
    ]


def test_a_problem_prints_as_one_line_that_says_what_is_allowed(write: Write) -> None:
    (found,) = problems(write(SMALL + 'role = "boss"\n'))
    assert found == 'helpdesk.toml: staff[0].role: "boss" is not possible, allowed: agent, senior, manager'
    assert str(Problem("f", "", "gone")) == "f: gone"


FAULTS = {
    "unknown key, nearest named": (SMALL + 'rolle = "agent"', 'staff[0].rolle: unknown key, did you mean "role"?'),
    "name with a line break": (
        SMALL.replace("Accoraze Support", "A\\r\\nBcc: x"),
        "desk.name: a line break or control character",
    ),
    "staff name with a line break": (SMALL.replace("Omar Haddad", "A\\nB"), "staff[0].name: a line break or control character"),
    "no domain": (SMALL.replace("domain =", "hostname ="), "desk.domain: is missing; write it"),
    "prefix": (SMALL.replace("[[address]]", 'prefix = "a-b"\n[[address]]'), "desk.prefix: write 2 to 10 capital letters"),
    "not at the desk's domain": (
        SMALL.replace("help@support", "help@other"),
        "address[0].address: its domain is not desk.domain",
    ),
    "plus": (SMALL.replace("help@", "help+me@"), "address[0].address: write it without a +"),
    "too long with a token": (SMALL.replace("help@", "h" * 19 + "@"), "address[0].address: too long: with a reply token"),
    "not ASCII": (SMALL.replace("help@", "hilfé@"), "address[0].address: write its local part in ASCII"),
    "no address": (DESK + STAFF, "address: write at least one [[address]]"),
    "address in one bracket": (SMALL.replace("[[address]]", "[address]"), "address: write [[address]], in two brackets"),
    "not an address": (SMALL.replace("omar@desk.example", "Omar <omar@desk.example>"), "staff[0].address: write a plain address"),
    "queue without a member": (
        SMALL.replace("[[staff]]", 'queue = "vip"\n[[staff]]'),
        'address[0].queue: nobody works in the queue "vip"',
    ),
    "category's queue": (SMALL + '[categories.x]\nqueue = "vip"', 'categories."x".queue: nobody works in the queue'),
    "deputy who is not on the staff": (
        SMALL + 'deputy = "nora@desk.example"',
        "staff[0].deputy: there is no [[staff]] with the address nora@desk.example, known: omar@desk.example",
    ),
    "deputy of themselves": (
        SMALL + 'deputy = "Omar@desk.example"',
        "staff[0].deputy: write the address of another member of staff",
    ),
    "default queue": ('default_queue = "vip"\n' + SMALL, 'default_queue: nobody works in the queue "vip"'),
    "default plan": ('default_plan = "gold"\n' + SMALL, 'default_plan: there is no "gold"'),
    "default category": ('default_category = "other"\n' + SMALL, 'default_category: there is no "other"'),
    "address's plan": (SMALL.replace("[[staff]]", 'plan = "gold"\n[[staff]]'), 'address[0].plan: there is no plan "gold"'),
    "address's account": (
        SMALL.replace("[[staff]]", 'account = "acme"\n[[staff]]'),
        'address[0].account: there is no account "acme"',
    ),
    "account's plan": (SMALL + '[[account]]\nid = "a"\nplan = "gold"', 'account[0].plan: there is no plan "gold"'),
    "same address twice": (
        SMALL + ADDRESS.upper().replace("ADDRESS", "address"),
        "address[1].address: help@support.example.com is written in",
    ),
    "staff twice": (SMALL + STAFF, "staff[1].address: omar@desk.example is written in staff[0].address already"),
    "a further address of staff is another member": (
        SMALL + 'addresses = ["lea@desk.example"]\n' + STAFF.replace("omar@", "lea@"),
        "staff[0].addresses[0]: lea@desk.example is written in staff[1].address already",
    ),
    "a further address of staff is a support address": (
        SMALL + 'addresses = ["help@support.example.com"]',
        "staff[0].addresses[0]: help@support.example.com is written in address[0].address already",
    ),
    "a further address of staff is a reply address": (
        SMALL + 'addresses = ["help+x@support.example.com"]',
        "staff[0].addresses[0]: help+x@support.example.com is an address of the desk itself",
    ),
    "their own deputy at a further address": (
        SMALL + 'addresses = ["o@home.example"]\ndeputy = "o@home.example"',
        "staff[0].deputy: write the address of another member of staff",
    ),
    "staff as support": (
        SMALL.replace("omar@desk.example", "help@support.example.com"),
        "staff[0].address: help@support.example.com is written in",
    ),
    "contact of two accounts": (
        SMALL + '[[account]]\nid = "a"\ncontacts = ["x@a.example"]\n[[account]]\nid = "b"\ncontacts = ["X@A.example"]',
        "account[1].contacts[0]: x@a.example is written in account[0].contacts[0] already",
    ),
    "contact is a support address": (
        SMALL + '[[account]]\nid = "a"\ncontacts = ["help@support.example.com"]',
        "account[0].contacts[0]: help@support.example.com is written in address[0].address already",
    ),
    "contact at a reply address": (
        SMALL + '[[account]]\nid = "a"\ncontacts = ["HELP+x@support.example.com"]',
        "account[0].contacts[0]: help+x@support.example.com is an address of the desk itself",
    ),
    "person at a reverse-path": (
        SMALL + '[[account]]\nid = "a"\n[account.people]\n"Anna" = ["anna@a.example", "bounces@support.example.com"]',
        'account[0].people."Anna"[1]: bounces@support.example.com is an address of the desk itself',
    ),
    "staff at a reply domain": (
        SMALL.replace("omar@desk.example", "omar@reply.example.com").replace(
            'domain = "support.example.com"', 'domain = "support.example.com"\nreply_address = "{token}@reply.example.com"'
        ),
        "staff[0].address: omar@reply.example.com is an address of the desk itself",
    ),
    "permissions": (SMALL + '[permissions]\nagents = "some"', "permissions.agents: "),
    "domain of two accounts": (
        SMALL + '[[account]]\nid = "a"\ndomains = ["a.example"]\n[[account]]\nid = "b"\ndomains = ["a.example"]',
        "account[1].domains[0]: a.example is written in account[0].domains[0] already",
    ),
    "id of two accounts": (
        SMALL + '[[account]]\nid = "a"\n[[account]]\nid = "a"',
        "account[1].id: a is written in account[0].id already",
    ),
    "time zone": (SMALL + '[calendar]\nzone = "Europe/Berln"', 'calendar.zone: unknown time zone, did you mean "Europe/Berlin"?'),
    "folder of zones": (SMALL + '[calendar]\nzone = "Europe"', "calendar.zone: unknown time zone"),
    "hours": (SMALL + '[calendar]\nmonday = "9-17"', "calendar.monday: write hours as"),
    "holiday": (SMALL + '[calendar]\nholidays = ["25.12.2026"]', 'calendar.holidays[0]: write a day as "2026-12-25"'),
    "network": (SMALL + '[authentication]\ntrusted_relays = ["10.0.0.1/8"]', "authentication.trusted_relays[0]: write a network"),
    "network assumed": (SMALL + '[authentication]\nassume_from = ["here"]', "authentication.assume_from[0]: write a network"),
    "authserv-id": (
        SMALL + '[authentication]\ntrusted_authserv_ids = ["a b"]',
        "authentication.trusted_authserv_ids[0]: write the server",
    ),
    "relay scheme": (SMALL + '[relay]\nurl = "http://mail.example"', "relay.url: allowed: maildir:FOLDER, smtp://HOST:PORT"),
    "relay without a host": (SMALL + '[relay]\nurl = "smtps://:465"', "relay.url: allowed:"),
    "relay port": (SMALL + '[relay]\nurl = "smtp://mail.example:99999"', "relay.url: allowed:"),
    "maildir without a folder": (SMALL + '[relay]\nurl = "maildir:"', "relay.url: write a folder"),
    "password in clear": (
        SMALL + '[relay]\nurl = "smtp://desk@mail.example"',
        "relay.url: smtp:// would send the user's password in clear",
    ),
    "password in the URL": (
        SMALL + '[relay]\nurl = "smtps://desk:hush@mail.example"',
        "relay.url: take the password out of the URL",
    ),
    "user without a password": (
        SMALL + '[relay]\nurl = "smtps://desk@mail.example"',
        "relay: the user in url and password_file (or oauth) belong",
    ),
    "password file": (
        SMALL + '[relay]\nurl = "smtps://desk@mail.example"\npassword_file = "nowhere"',
        "relay.password_file: no such file",
    ),
    "certificate": (SMALL + '[smtp]\ncertificate = "nowhere"', "smtp.certificate: no such file"),
    "key alone": (SMALL + '[smtp]\nkey = "nowhere"', "smtp: key is written without a certificate"),
    "listen": (SMALL + '[smtp]\nlisten = "2525"', "smtp.listen: write host and port"),
    "listen on half an IPv6 address": (SMALL + '[smtp]\nlisten = "::1:25"', "smtp.listen: write host and port"),
    "number": (SMALL + '[smtp]\nmax_size = "big"', "smtp.max_size: write a whole number"),
    "few recipients": (SMALL + "[smtp]\nmax_recipients = 10", "smtp.max_recipients: at least 100"),
    "time of day": (
        SMALL + '[answering]\ndigest_at = "8 am"',
        'answering.digest_at: write a time of day as "08:00", and "" for never',
    ),
    "time after midnight": (SMALL + '[answering]\ndigest_at = "24:00"', "answering.digest_at: write a time of day"),
    "minute of the day": (SMALL + '[answering]\ndigest_at = "08:60"', "answering.digest_at: write a time of day"),
    "span": (SMALL + '[closing]\nclose_after = "5 days"', "closing.close_after: write a span as a number with a unit"),
    "endless span": (SMALL + '[closing]\nclose_after = "99999999999d"', "closing.close_after: at most 3650d"),
    "no time to answer": (SMALL + '[plans.free]\nfirst_response = "0h"', "plans.free.first_response: longer than 0s"),
    "no waits": (SMALL + "[retry]\nwaits = []", "retry.waits: write at least 1"),
    "level": (SMALL + "[escalation]\nhighest_level = 10", "escalation.highest_level: at most 9"),
    "clear password of staff": (SMALL + 'password = "hush"', "staff[0].password: write a hash as scrypt$"),
    "memory": (SMALL + '[database]\nurl = "sqlite:///:memory:"', "database.url: a database in memory would lose mail"),
    "database scheme": (SMALL + '[database]\nurl = "mysql://x/y"', "database.url: allowed: sqlite:///FILE"),
    "blobs elsewhere": (SMALL + '[database]\nblobs = "ftp://bucket/x"', "database.blobs: write a folder"),
    "blobs in no bucket": (SMALL + '[database]\nblobs = "s3:///x"', "database.blobs: write a folder"),
    "a bucket without its URL": (
        SMALL + '[database]\nblobs = "var/blobs"\n[database.bucket]',
        "database: [database.bucket] goes with",
    ),
    "a key without its secret": (
        SMALL + '[database]\nblobs = "s3://bucket"\n[database.bucket]\nkey_id = "x"',
        "database.bucket: key_id and secret_file",
    ),
    "a bucket's server with a user": (
        SMALL + '[database]\nblobs = "s3://bucket"\n[database.bucket]\nendpoint = "https://me@host"',
        "database.bucket.endpoint: write https://host:port",
    ),
    "empty word": (SMALL + '[categories.x]\nwords = [""]', "categories.x.words[0]: write a name of 1 to 200 characters"),
    "log format": ('log_format = "xml"\n' + SMALL, "log_format: allowed: auto, text, journal, json"),
    "section as a value": ("smtp = 4\n" + SMALL, "smtp: write a table"),
    "settings' own field": ('folder = "x"\n' + SMALL, "folder: unknown section or key"),
}


OAUTH = """[relay]
url = "smtp+starttls://desk@mail.example"
[relay.oauth]
token_endpoint = "https://login.example/token"
client_id = "desk"
client_secret_file = "password"
"""


def test_oauth_takes_the_place_of_a_password(write: Write, tmp_path: Path) -> None:
    (tmp_path / "password").touch(0o600)
    (tmp_path / "refresh").touch(0o644)
    oauth = load(write(SMALL + OAUTH), {}).settings.relay.oauth
    assert oauth is not None
    assert (oauth.client_secret_file, oauth.grant) == (f"{tmp_path}/password", "client_credentials")
    loaded = load(write(SMALL + OAUTH + 'grant = "refresh_token"\nrefresh_token_file = "refresh"'), {})
    assert loaded.settings.relay.oauth and loaded.settings.relay.oauth.refresh_token_file == f"{tmp_path}/refresh"
    assert any("refresh: others can read this secret" in line for line in loaded.warnings)
    table = '{ token_endpoint = "http://localhost/", client_id = "a", client_secret_file = "password" }'
    overlaid = load(write(SMALL + OAUTH), {"HELPDESK_RELAY__OAUTH": table}).settings.relay.oauth
    assert overlaid is not None and overlaid.client_id == "a"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("client_id", "client", 'relay.oauth.client: unknown key, did you mean "client_id"?'),
        ("https:", "http:", "relay.oauth.token_endpoint: write an https URL"),
        ("https://", "https://user@", "relay.oauth.token_endpoint: write an https URL"),
        ("login.example", "", "relay.oauth.token_endpoint: write an https URL"),
        ('"password"', '"nowhere"', "relay.oauth.client_secret_file: no such file"),
        ("client_secret_file", "refresh_token_file", "relay.oauth: the grant client_credentials needs client_secret_file"),
        ("[relay.oauth]", '[relay.oauth]\ngrant = "refresh_token"', "relay.oauth: the grant refresh_token needs refresh_token"),
        ("[relay.oauth]", '[relay.oauth]\ngrant = "implicit"', 'relay.oauth.grant: "implicit" is not possible, allowed: client'),
        ("[relay.oauth]", 'password_file = "password"\n[relay.oauth]', "relay: write password_file or oauth"),
        ("desk@", "", "relay: the user in url and password_file (or oauth) belong together"),
    ],
)
def test_oauth_that_cannot_work_is_named(write: Write, tmp_path: Path, old: str, new: str, expected: str) -> None:
    (tmp_path / "password").touch(0o600)
    assert expected in "\n".join(problems(write(SMALL + OAUTH.replace(old, new, 1))))


@pytest.mark.parametrize("case", FAULTS)
def test_faults(case: str, write: Write) -> None:
    text, expected = FAULTS[case]
    found = problems(write(text))
    assert any(line.startswith(f"helpdesk.toml: {expected}") for line in found), found
    assert "hush" not in "".join(found)


PATTERNS = {
    "{local}+{token}@{domain}": "",
    "{token}@reply.example.com": "",
    "reply-{token}@{domain}": "",
    "{local}@{domain}": "{token} stands before the @",
    "{token}@{token}.example": "{token} stands before the @",
    "{token}": "{token} stands before the @",
    "{local}+{token}+{token}@{domain}": "each once at most",
    "{name}+{token}@{domain}": "each once at most",
    "{{x}}+{token}@{domain}": "each once at most",
    "{local}{token}@{domain}": "a mark such as +",
    "x{token}@{domain}": "a mark such as +",
    "{local}+{token@{domain}": "write a pattern such as",
    "{local!r}+{token}@{domain}": "each once at most",
    "{token}@{domain}": "every support address looks like a reply address",
    "{local} {token}@{domain}": "which is no address",
}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_patterns_of_reply_addresses(pattern: str, write: Write) -> None:
    file = write(SMALL.replace("[[address]]", f'reply_address = "{pattern}"\n[[address]]'))
    if not PATTERNS[pattern]:
        assert load(file, {}).settings.desk.reply_address == pattern
        return
    (found,) = problems(file)
    assert found.startswith("helpdesk.toml: desk.reply_address: ")
    assert PATTERNS[pattern] in found


def test_a_file_that_is_not_there_is_not_toml_or_is_not_text(write: Write, tmp_path: Path) -> None:
    assert problems(tmp_path / "none.toml") == [
        "none.toml: no such file; `helpdesk init DIR` writes one, --config FILE or HELPDESK_CONFIG names another"
    ]
    assert problems(write('[desk]\nname = "A"\nname = = 2')) == ["helpdesk.toml: line 3: not TOML: Invalid value"]
    (tmp_path / "latin.toml").write_bytes(b'[desk]\nname = "\xe9"')
    assert problems(tmp_path / "latin.toml") == ["latin.toml: is not UTF-8"]
    assert problems(tmp_path)[0].endswith("cannot be read: Is a directory")


def test_a_byte_order_mark_of_some_editors_is_no_problem(write: Write) -> None:
    load(write("\ufeff" + SMALL), {})


SECRETS = {
    "": "secret: no key; write one key a line",
    f"ab {KEY}": "secret: line 1: write one key a line",
    KEY: "secret: line 1: write one key a line",
    f"a {KEY[:-1]}": "secret: line 1: write one key a line",
    f"a {KEY}\nb {'cd' * 31}": "secret: line 2: the key is too short: 31 octets, at least 32",
    f"a {KEY}\na {KEY}": 'secret: two keys are named "a"',
    f"a {KEY}\n\u00e9": "secret: write one key a line",
}


@pytest.mark.parametrize("secret", SECRETS)
def test_faulty_secrets_are_named_and_never_shown(secret: str, write: Write) -> None:
    (found,) = problems(write(secret=secret))
    assert found.startswith(SECRETS[secret])
    assert "abab" not in found


def test_keys_stand_newest_first_and_are_not_printed(write: Write) -> None:
    loaded = load(write(secret=f"# rotated in May\n\nb {'CD' * 40}\na {KEY}\n"), {})
    assert loaded.secret == (("b", bytes.fromhex("cd" * 40)), ("a", bytes.fromhex(KEY)))
    for text in (repr(loaded), str(loaded.secret), f"{loaded.secret}"):
        assert "Secret(b, a)" in text
        assert "abab" not in text
        assert r"\xcd" not in text


def test_the_environment_s_secret_comes_before_the_file_s(write: Write) -> None:
    file = write(secret=None)
    assert load(file, {"HELPDESK_SECRET": f"b {'cd' * 32},a {KEY}"}).secret[1] == ("a", bytes.fromhex(KEY))
    assert problems(file, {"HELPDESK_SECRET": ""})[0].startswith("environment: HELPDESK_SECRET: no key")


def test_a_secret_that_others_can_read_is_a_warning(write: Write) -> None:
    assert [warning for warning in load(write(mode=0o640), {}).warnings if "mode 0640" in warning and "chmod 600" in warning]
    assert not [warning for warning in load(write(mode=0o600), {}).warnings if "mode" in warning]


WARNINGS = {
    '[authentication]\nassume_from = ["127.0.0.0/8"]': "AUTHENTICATION IS ASSUMED: whoever sends from 127.0.0.0/8",
    '[[staff]]\nname = "B"\naddress = "b@support.example.com"': "desk.domain support.example.com is also the mail domain of staff",
    '[relay]\nurl = "maildir:out"': "no letter leaves this machine",
    "[smtp]": "the SMTP door has no TLS certificate",
    '[lmtp]\nlisten = "0.0.0.0:2424"': "LMTP knows neither TLS nor login, and 0.0.0.0:2424 can be reached by others",
    '[lmtp]\nlisten = "mail.example:2424"': "LMTP knows neither TLS nor login",
    '[metrics]\nlisten = "0.0.0.0:9125"': "/metrics at 0.0.0.0:9125 can be read by everybody who can connect to it",
    "[alarm]": "no alarm is told to anybody",
    '[alarm]\nmail_to = ["op@other.example"]': "an alarm about the relay can only be told when the relay is back",
    '[alarm]\nwebhook = "https://x.example/"\nmail_to = ["op@support.example.com"]': "alarms to op@support.example.com would come back",
    '[[account]]\nid = "acme"\nplan = "custom"\ncontacts = ["a@acme.example"]': "plan custom promises a channel of its own, and no [[address]] names the account acme;",
    '[[ready_answer]]\nname = "page"\ntexts = { en = "See {request_page}" }': "there is no page for new requests that {request_page} could stand for",
}


@pytest.mark.parametrize("text", WARNINGS)
def test_warnings(text: str, write: Write) -> None:
    quiet = load(write(SMALL + '[relay]\nurl = "smtp://mail.example"\n'), {})
    assert quiet.warnings == ()
    for local in ("unix:lmtp", "127.0.0.1:2424", "[::1]:2424", "localhost:2424"):
        lmtp = f'[lmtp]\nlisten = "{local}"\n'
        assert load(write(SMALL + '[relay]\nurl = "smtp://mail.example"\n' + lmtp), {}).warnings == ()
    relay = "" if "[relay]" in text else '[relay]\nurl = "smtp://mail.example"\n'
    (warning,) = load(write(SMALL + relay + text), {}).warnings
    assert warning.startswith(WARNINGS[text])


def test_addresses_and_domains_come_in_the_form_in_which_they_are_compared(write: Write) -> None:
    text = SMALL.replace("support.example.com", "Hilfe.BÜCHER.example") + '[[account]]\nid = "a"\ndomains = ["MÜLLER.example"]'
    loaded = load(write(text), {})
    assert loaded.settings.desk.domain == "hilfe.xn--bcher-kva.example"
    assert loaded.policy.addresses[0].address == "help@hilfe.xn--bcher-kva.example"
    assert loaded.policy.accounts[0].domains == ("xn--mller-kva.example",)


def test_dates_may_be_written_as_toml_writes_them(write: Write) -> None:
    loaded = load(write(SMALL + '[calendar]\nholidays = [2026-12-25, "2026-12-26"]'), {})
    assert loaded.policy.calendar.holidays == ("2026-12-25", "2026-12-26")


def test_plans_that_are_written_replace_the_built_in_ones(write: Write) -> None:
    loaded = load(write('default_plan = "gold"\n' + SMALL + '[plans.gold]\nfirst_response = "1h"'), {})
    assert set(loaded.policy.plans) == {"gold"}


def test_the_digest_is_that_of_the_policy_and_not_of_the_node(write: Write) -> None:
    first = load(write(), {})
    assert first.policy.digest == digest_of(first.policy)
    assert load(write(SMALL + "[smtp]\n"), {"HELPDESK_LOG_FORMAT": "json"}).policy.digest == first.policy.digest
    assert load(write(SMALL + '[closing]\nclose_after = "4d"\n'), {}).policy.digest != first.policy.digest


def test_the_order_of_categories_is_part_of_the_digest_and_that_of_plans_is_not() -> None:
    policy = Policy(addresses=(SupportAddress(address="help@support.example.com"),), calendar=Calendar())
    plans = policy.model_copy(update={"plans": dict(reversed(policy.plans.items()))})
    categories = policy.model_copy(update={"categories": dict(reversed(policy.categories.items()))})
    assert digest_of(plans) == digest_of(policy)
    assert digest_of(categories) != digest_of(policy)
    assert digest_of(policy.model_copy(update={"categories": {"x": Category()}})) != digest_of(policy)


def test_the_longest_waits_of_smtp_are_kept() -> None:
    """RFC 5321 §4.5.3.2: a client may take five minutes for a command, and a server ten for its answer to the final dot."""
    minute = timedelta(minutes=1)
    assert Smtp().command_timeout >= 5 * minute
    assert Smtp().data_timeout >= 3 * minute
    assert Relay().final_dot_timeout >= 10 * minute


def test_what_letters_say_of_the_desk_is_checked_in_one_line_each(write: Write) -> None:
    text = (
        DESK
        + 'request_page = "javascript:alert(1)"\n'
        + ADDRESS
        + 'accent = "#ffee00"\n[[address]]\naddress = "vip@support.example.com"\naccent = "yellow"\n'
        + '[[address]]\naddress = "sound@support.example.com"\n'
        + STAFF
        + f'signature = """{chr(10).join("x" * 21)}"""\n'
        + '[plans.free]\nself_service = "www.example.com/help"\n[plans.starter]\nanswers = "self_service"\n'
        + '[plans.gold]\nanswers = "self_service"\ncommunity = "https://community.example.com"\nhigh = { first_response = "1h" }\n'
    )
    page = "write a whole address such as https://www.example.com/help"
    assert problems(write(text)) == [
        f"helpdesk.toml: desk.request_page: {page}",
        'helpdesk.toml: address[0].accent: "#ffee00" is too pale for a bar: its contrast is 1.1, and 3 is needed; "#998f00" has it',
        'helpdesk.toml: address[1].accent: write a colour as # and six hexadecimal digits, such as "#2f5bd3"',
        "helpdesk.toml: staff[0].signature: write at most 20 lines and 2000 characters",
        f"helpdesk.toml: plans.free.self_service: {page}",
        'helpdesk.toml: plans.starter: answers = "self_service" needs an address to point to; write self_service or community',
        'helpdesk.toml: plans.gold: no person answers with answers = "self_service", so no time can be promised; take the times out',
    ]


@pytest.mark.parametrize("flag", ["true", "false"])
def test_a_flag_from_before_help_pages_had_an_address_names_none(write: Write, flag: str) -> None:
    loaded = load(write(DESK + ADDRESS + STAFF + f"[plans.free]\nself_service = {flag}\n"), {})
    assert (loaded.policy.plans["free"].self_service, loaded.policy.plans["free"].answers) == ("", "person")


@pytest.mark.parametrize(
    ("page", "sound"),
    [
        ("https://www.example.com/help?a=1&b=2#top", True),
        ("http://help.example.com", True),
        ("", True),
        ("https://", False),
        ("ftp://www.example.com", False),
        ("https://user@www.example.com", False),
        ("https://www.example.com/a b", False),
        ('https://www.example.com/"onclick', False),
        ("https://www.exämple.com", False),
        ("https://www.example.com/" + "x" * 500, False),
    ],
)
def test_the_address_of_a_page(write: Write, page: str, sound: bool) -> None:
    text = SMALL.replace("domain =", f"request_page = '{page}'\ndomain =")
    if sound:
        assert load(write(text), {}).settings.desk.request_page == page
    else:
        assert problems(write(text)) == [
            "helpdesk.toml: desk.request_page: write a whole address such as https://www.example.com/help"
        ]
