"""Whatever holds mail, words or secrets is its owner's alone: files 0600, folders 0700, whatever the umask is; `check` looks at the rest."""

import ast
import os
import signal
import smtplib
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.desk.story import configured
from support.servers.peers import wait_for

from helpdesk.config.load import load
from helpdesk.config.new_desk import write_new_desk
from helpdesk.config.private_files import exposure_of, make_folder, open_private, write_new, write_private
from helpdesk.gateway.cli.check import open_to_others
from helpdesk.gateway.cli.dkim import key_command
from helpdesk.gateway.delivery.maildir import store_letters
from helpdesk.gateway.delivery.watermark import Watermark
from helpdesk.store.blob_folder import BlobFolder, NoteFolder
from helpdesk.store.database import Database
from helpdesk.store.migrate import migrate

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(sys.executable).with_name("helpdesk")


@pytest.fixture
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    """Of this process, as a program that uses the library has it: 0, or what a test asks for."""
    before = os.umask(getattr(request, "param", 0))
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    """Of everything below a folder, sockets apart."""
    places = [place for place in folder.rglob("*") if not place.is_socket()]
    return {str(place.relative_to(folder)): stat.S_IMODE(place.lstat().st_mode) for place in places}


def assert_private(folder: Path, *but: str) -> None:
    found = {name: mode for name, mode in modes(folder).items() if name not in but}
    assert found
    wrong = {name: oct(mode) for name, mode in found.items() if mode != (0o700 if (folder / name).is_dir() else 0o600)}
    assert wrong == {}


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o277], indirect=True, ids=oct)
def test_each_writer_makes_private_files_under_any_umask(tmp_path: Path, umask: None) -> None:
    write_new_desk(tmp_path / "init" / "desk")
    database = Database(f"sqlite:///{tmp_path}/data/deep/helpdesk.db")
    migrate(database)
    assert {"helpdesk.db", "helpdesk.db-wal", "helpdesk.db-shm"} <= {
        place.name for place in (tmp_path / "data" / "deep").iterdir()
    }
    BlobFolder(tmp_path / "data" / "blobs").put(b"x" * 1000)
    store_letters(tmp_path / "outgoing", [("1.letter", b"Subject: x\n\nx\n")])
    Watermark(NoteFolder(tmp_path / "marks")).keep(7)
    write_private(tmp_path / "report.png", b"x")
    assert_private(tmp_path)
    database.close()


def test_a_database_by_uri_is_private_too(tmp_path: Path, umask: None) -> None:
    database = Database(f"sqlite:///file:{tmp_path}/helpdesk.db?uri=true")
    migrate(database)
    assert_private(tmp_path)
    database.close()


def test_the_journal_of_a_database_is_as_private_as_its_file(tmp_path: Path, umask: None) -> None:
    """Before a database is in WAL mode, and while one leaves it, SQLite writes a rollback journal."""
    database = Database(f"sqlite:///{tmp_path}/helpdesk.db")
    with database.reading() as connection:
        connection.exec_driver_sql("SELECT 1")
    database.close()
    import sqlite3

    raw = sqlite3.connect(tmp_path / "helpdesk.db", isolation_level=None)
    raw.execute("PRAGMA journal_mode=DELETE")
    raw.execute("BEGIN IMMEDIATE")
    raw.execute("CREATE TABLE words (word)")
    assert (tmp_path / "helpdesk.db-journal").exists()
    assert_private(tmp_path)
    raw.close()


def test_a_file_that_existed_becomes_private_before_words_are_in_it(tmp_path: Path, umask: None) -> None:
    file = tmp_path / "report.txt"
    file.write_text("old")
    file.chmod(0o644)
    with os.fdopen(open_private(file), "wb") as stream:
        assert (stat.S_IMODE(file.stat().st_mode), file.read_bytes()) == (0o600, b"")
        stream.write(b"new")
    with pytest.raises(FileExistsError):
        write_new(file, b"other")


def test_a_folder_that_existed_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir(mode=0o755)
    make_folder(tmp_path / "there" / "deep" / "er")
    assert {name: oct(mode) for name, mode in modes(tmp_path).items()} == {
        "there": "0o755",
        "there/deep": "0o700",
        "there/deep/er": "0o700",
    }


def helpdesk(folder: Path, *words: str, given: bytes = b"", umask: int = 0) -> "subprocess.CompletedProcess[bytes]":
    done = subprocess.run([PROGRAM, *words], cwd=folder, input=given, capture_output=True, check=False, timeout=120, umask=umask)
    assert done.returncode == os.EX_OK, done.stderr
    return done


def test_the_program_makes_private_files_alone(tmp_path: Path) -> None:
    """Under the umask of a system that shares everything."""
    mail = b"From: anna@acme.example\r\nTo: help@support.example.com\r\nSubject: x\r\n\r\nThe page says locked.\r\n"
    box = tmp_path / "mbox"
    box.write_bytes(b"From a@b Mon May  3 08:00:00 2021\nFrom: b@old.example\nTo: help@support.example.com\nSubject: y\n\ny\n")
    helpdesk(tmp_path, "init", "desk")
    desk = tmp_path / "desk"
    assert stat.S_IMODE(desk.stat().st_mode) == 0o700
    config = ("--config", str(desk / "helpdesk.toml"))
    for words in (("import", str(box)), ("token", "rotate")):
        helpdesk(tmp_path, *words, *config)
        assert_private(desk)
    helpdesk(tmp_path, "deliver", "--from", "anna@acme.example", "help@support.example.com", *config, given=mail)
    helpdesk(tmp_path, "tick", *config)
    assert_private(desk)
    assert [name for name in modes(desk) if name.startswith("var/outgoing/new/")]


def test_a_serving_node_makes_private_files_and_gives_its_socket_the_mode_that_is_set(tmp_path: Path) -> None:
    more = '[lmtp]\nlisten = "unix:{}/run/lmtp"\nsocket_mode = "660"\n'
    configured(tmp_path / "desk", more=more.format(tmp_path)).chmod(0o600)
    command = [str(PROGRAM), "serve", "--config", str(tmp_path / "desk" / "helpdesk.toml")]
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, umask=0) as process,
    ):
        assert process.stdout is not None
        for line in process.stdout:
            if line == b"ready\n":
                break
        socket = tmp_path / "run" / "lmtp"
        assert stat.S_IMODE(socket.stat().st_mode) == 0o660
        assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o755
        with smtplib.LMTP(str(socket)) as client:
            client.sendmail("anna@acme.example", ["help@support.example.com"], "Subject: x\r\n\r\n" + "locked " * 40_000)
        wait_for(lambda: bool(list((tmp_path / "desk").rglob("new/*.letter"))), "a letter is written")
        assert_private(tmp_path / "desk")
        process.send_signal(signal.SIGTERM)
    assert_private(tmp_path / "desk")


def test_a_key_for_signatures_is_private_under_any_umask(tmp_path: Path, umask: None) -> None:
    from click.testing import CliRunner

    config = configured(tmp_path / "desk")
    config.chmod(0o600)
    done = CliRunner().invoke(key_command, [str(tmp_path / "key"), "--selector", "s1", "--config", str(config)])
    assert done.exit_code == os.EX_OK, done.output
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A desk with a mail in each place, all of it private."""
    folder = tmp_path / "desk"
    write_new_desk(folder)
    make_folder(folder / "var")
    write_private(folder / "var" / "helpdesk.db", b"")
    BlobFolder(folder / "var" / "blobs").put(b"x")
    store_letters(folder / "var" / "outgoing", [("1.letter", b"x")])
    return folder


LOOSE = {
    "helpdesk.toml": 0o644,
    "var/helpdesk.db": 0o640,
    "var": 0o755,
    "var/blobs": 0o711,
    "var/outgoing": 0o750,
    ".": 0o755,
}
BELOW = {"var/blobs": ("var/blobs/2d", 0o755), "var/outgoing": ("var/outgoing/new/1.letter", 0o604)}


def findings(desk: Path) -> list[str]:
    config = desk / "helpdesk.toml"
    return list(open_to_others(config, load(config, {}).settings))


def test_check_says_nothing_of_what_is_private(desk: Path) -> None:
    assert findings(desk) == []


@pytest.mark.parametrize("name", LOOSE)
def test_check_names_what_others_can_use_and_the_command_that_mends_it(desk: Path, name: str) -> None:
    place = desk / name
    place.chmod(LOOSE[name])
    [line] = findings(desk)
    assert line.startswith(f"{place}: others than its owner can use it (mode {LOOSE[name]:04o}); run: chmod ")
    subprocess.run(line.partition("; run: ")[2], shell=True, check=True)
    assert findings(desk) == []
    assert stat.S_IMODE(place.stat().st_mode) == (0o700 if place.is_dir() else 0o600)


@pytest.mark.parametrize("tree", BELOW)
def test_check_names_a_tree_once_with_the_first_that_others_can_use(desk: Path, tree: str) -> None:
    name, mode = BELOW[tree]
    for place in [desk / name, *(desk / name).rglob("*")] if (desk / name).is_dir() else [desk / name]:
        place.chmod(mode)
    [line] = findings(desk)
    assert line == f"{desk / name}: others than its owner can use it (mode {mode:04o}); run: chmod -R go= {desk / tree}"
    subprocess.run(line.partition("; run: ")[2], shell=True, check=True)
    assert findings(desk) == []


def test_check_names_a_log_of_the_database(desk: Path) -> None:
    (desk / "var" / "helpdesk.db-wal").touch()
    (desk / "var" / "helpdesk.db-wal").chmod(0o644)
    [line] = findings(desk)
    assert line.startswith(f"{desk / 'var' / 'helpdesk.db-wal'}: ")


def test_the_folder_on_the_way_to_a_socket_may_be_open(desk: Path) -> None:
    config = desk / "helpdesk.toml"
    config.write_text(config.read_text() + f'\n[lmtp]\nlisten = "unix:{desk}/var/run/lmtp"\n')
    for place in (desk, desk / "var"):
        place.chmod(0o755)
    assert findings(desk) == []


def test_the_command_prints_its_findings_as_warnings(desk: Path) -> None:
    (desk / "helpdesk.toml").chmod(0o644)
    helpdesk(desk, "migrate", "--new", "--config", str(desk / "helpdesk.toml"))
    done = helpdesk(desk, "check", "--config", str(desk / "helpdesk.toml"))
    assert (
        f"warning: {desk}/helpdesk.toml: others than its owner can use it (mode 0644); run: chmod 600 {desk}/helpdesk.toml"
        in (done.stdout.decode().splitlines())
    )


def test_what_is_not_there_is_not_too_open(tmp_path: Path) -> None:
    assert exposure_of(tmp_path / "none") == ""


# Names of attributes and functions that make a file or a folder.
MAKERS = {"write_text", "write_bytes", "mkdir", "makedirs", "touch", "mkfifo", "mknod", "copyfile", "copy", "copy2", "copytree"}
HOUSE = ("config", "gateway", "store", "templates", "threading")


def makers_in(source: str) -> Iterator[str]:
    """Calls that could make a file or a folder by the umask."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func).rpartition(".")[2]
        words = [ast.unparse(argument) for argument in (*node.args, *(keyword.value for keyword in node.keywords))]
        if (
            name in MAKERS
            or name == "open"
            and any(word in ("'w'", "'x'", "'a'", "'wb'", "'xb'", "'ab'", "'r+'", "'r+b'", "'w+'", "'w+b'") for word in words)
            or name == "open"
            and any("O_CREAT" in word or "O_WRONLY" in word or "O_RDWR" in word for word in words)
        ):
            yield ast.unparse(node)


def test_one_place_makes_all_files_and_folders() -> None:
    found = {
        (str(path.relative_to(ROOT)), call)
        for room in HOUSE
        for path in (ROOT / room).rglob("*.py")
        if path.name != "private_files.py"
        for call in makers_in(path.read_text())
    }
    assert found == {
        ("gateway/terminal.py", "os.open(os.devnull, os.O_WRONLY)"),
        ("gateway/doors/certificate.py", "open(descriptor, 'wb', closefd=False)"),  # memory without a name, for OpenSSL
        ("gateway/backup.py", "shutil.copyfile(source, unfinished)"),  # into a file that was made for its owner alone
        ("gateway/cli/postfix.py", "unfinished.write_text(text, encoding='utf-8')"),  # tables that Postfix must be able to read
        ("gateway/process_name.py", "OWN_NAME.write_text(PREFIX + name)"),  # no file: the kernel's name of the process
    }


@pytest.mark.parametrize(
    "source",
    [
        "p.write_text('x')",
        "open(p, 'w')",
        "p.open('ab')",
        "p.mkdir()",
        "os.makedirs(p)",
        "os.open(p, os.O_CREAT | os.O_EXCL)",
        "p.open(mode='xb')",
    ],
)
def test_a_maker_is_noticed(source: str) -> None:
    assert len(list(makers_in(source))) == 1
