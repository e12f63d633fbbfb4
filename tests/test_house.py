"""How the house is laid out, and why it must stay so."""

import ast
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
from support.house import circles, imports_between_parts, modules_of

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("config", "gateway", "store", "templates", "threading")
IMPURE = {
    "asyncio",
    "logging",
    "os",
    "random",
    "secrets",
    "socket",
    "sqlite3",
    "ssl",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "urllib",
}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def imports_of(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def test_the_threading_folder_never_shadows_the_standard_library() -> None:
    """A regular package of that name in the root would win over the standard library for every process that starts here."""
    assert not (ROOT / "threading" / "__init__.py").exists()
    code = "import threading, asyncio; assert threading.Thread; from helpdesk.threading.model.ticket import Ticket"
    subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=ROOT, check=True)


def test_no_test_lives_under_threading() -> None:
    """pytest's importlib mode would put such a file in place of the standard library's module."""
    assert not [path for path in (ROOT / "threading").rglob("*.py") if path.name.startswith(("test_", "conftest"))]


def test_the_pure_core_reads_no_clock_and_touches_no_outside() -> None:
    found = {
        (str(path.relative_to(ROOT)), name)
        for path in (ROOT / "threading").rglob("*.py")
        for name in imports_of(path)
        if name.split(".")[0] in IMPURE and name != "urllib.parse"
    }
    assert found == set()


@pytest.mark.parametrize("room", ["threading", "templates"])
def test_nobody_asks_for_the_time_in_the_core(room: str) -> None:
    calls = {
        (path.name, ast.unparse(node.func))
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith((".now", ".utcnow", ".today"))
    }
    assert calls == set()


def test_every_sub_package_is_in_the_wheel() -> None:
    """The editable install finds a folder that nobody listed; a wheel does not."""
    listed = set(PROJECT["tool"]["setuptools"]["packages"])
    there = {
        "helpdesk." + ".".join(path.parent.relative_to(ROOT).parts)
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if "__pycache__" not in path.parts
    }
    assert there == listed


def test_every_dependency_has_a_reason_and_a_bound() -> None:
    lines = (ROOT / "pyproject.toml").read_text().split("dependencies = [")[1].split("]\n")[0].splitlines()
    for line in filter(None, map(str.strip, lines)):
        assert ">=" in line, line
        assert "#" in line, line
        assert "<" in line or line.startswith('"setuptools'), line


def test_no_files_import_each_other_in_a_circle() -> None:
    modules = modules_of(ROOT)
    assert circles({name: module.imports for name, module in modules.items()}) == []


def test_no_rooms_import_each_other_in_a_circle() -> None:
    assert circles(imports_between_parts(modules_of(ROOT))) == []


def test_a_class_name_stands_once_in_the_house() -> None:
    names = Counter(
        node.name
        for module in modules_of(ROOT).values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_a_ticket_begins_in_one_place() -> None:
    """A ticket that was copied from another one once brought that one's incident and rating along."""
    makers = {
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Ticket"
    }
    assert makers == {"threading/lifecycle/new_ticket.py", "store/tickets.py", "templates/samples.py"}  # begun, read, an example


# Where each third-party package may be imported: modules, or rooms with everything below them.
DOORS: dict[str, tuple[str, ...]] = {
    "aiosmtpd": ("gateway.doors.smtp",),
    "aiosmtplib": ("gateway.delivery.smtp_connection",),
    "alembic": ("store",),
    "apscheduler": ("gateway.scheduler",),
    "authres": ("threading.trust.authentication_results",),
    "babel": ("templates.locales",),
    "cchardet": ("threading.reading.charsets",),
    "click": ("gateway.cli",),
    "confusable_homoglyphs": ("threading.trust.lookalikes",),
    "dkim": ("gateway.origin.signatures", "gateway.origin.signing"),
    "dns": ("gateway.origin.resolver",),
    "fastapi": ("gateway.http",),
    "holidays": ("config.public_holidays",),
    "idna": ("config.domain_names",),
    "imapclient": ("gateway.doors.mailbox.imap_session",),
    "jinja2": ("templates.render",),
    "lingua": ("threading.reading.language",),
    "mailparser": ("threading.reading.mime",),
    "matplotlib": ("templates.plots",),
    "obstore": ("store.blob_bucket",),
    "nacl": ("gateway.origin.keys",),
    "prometheus_client": ("gateway.monitor.exposition",),
    "publicsuffixlist": ("gateway.origin.organisation",),
    "pydantic": ("config.section", "gateway.http.forms", "gateway.http.directory_forms"),
    "selectolax": ("threading.reading.html",),
    "spf": ("gateway.origin.sender_policy",),
    "sqlalchemy": ("store",),
    "starlette": ("gateway.http.app", "gateway.http.request_form.sent", "gateway.http.sent", "gateway.http.topics"),
    "uvicorn": ("gateway.web_server",),
}


def test_every_library_has_one_door() -> None:
    """The table is complete: a package without a row, an import beside its door, and a door that nobody uses are all found."""
    used = {
        (name.split(".")[0], ".".join(path.relative_to(ROOT).with_suffix("").parts))
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        for name in imports_of(path)
        if name.split(".")[0] not in {*sys.stdlib_module_names, "helpdesk"}
    }
    doors = {(package, door) for package, rooms in DOORS.items() for door in rooms}
    found = {
        (package, next((door for door in DOORS.get(package, ()) if f"{module}.".startswith(f"{door}.")), module))
        for package, module in used
    }
    assert found == doors


# What the side of the desk that customers reach may import of ours: views, and what carries them. Internal notes are in none of it.
CUSTOMER_SIDE = {
    "helpdesk.config.policy",  # what the directory is checked with
    "helpdesk.gateway.counts",
    "helpdesk.gateway.observe",
    "helpdesk.gateway.private_pages",
    "helpdesk.gateway.web_server",
    "helpdesk.store.account_heirs",
    "helpdesk.store.api_keys",
    "helpdesk.store.blobs",
    "helpdesk.store.database",
    "helpdesk.store.feed",
    "helpdesk.store.file_links",
    "helpdesk.store.letter_files",  # the exception of a file that cannot be read now
    "helpdesk.store.page_sessions",
    "helpdesk.store.pending_replies",
    "helpdesk.store.permission_views",
    "helpdesk.store.platform_views",
    "helpdesk.templates.catalogue",
    "helpdesk.templates.locales",
    "helpdesk.templates.pages",
    "helpdesk.threading.letters.carried",  # a size in words
    "helpdesk.threading.letters.file_links",
    "helpdesk.threading.sorting.answers",  # what a customer answers to the questions of a category
}
# The public form stores a mail, and its own connection to the database can do nothing else.
FORM_SIDE = {
    "helpdesk.config.request_form",
    "helpdesk.config.values",
    "helpdesk.gateway.disk",
    "helpdesk.store.inbound",
    "helpdesk.threading.matching.request_form",
    "helpdesk.threading.model.mail",
    "helpdesk.threading.trust.addresses",
}


DIRECTORY_SIDE = {
    "helpdesk.config.address",
    "helpdesk.gateway.directory_files",
    "helpdesk.store.directory.change",
    "helpdesk.store.directory.listing",
    "helpdesk.store.directory.pages",
    "helpdesk.store.directory.rows",
    "helpdesk.store.directory.write",
    "helpdesk.threading.trust.addresses",
}


def test_the_side_of_customers_imports_views_alone() -> None:
    paths = [*(ROOT / "gateway" / "http").rglob("*.py")]
    directory = [path for path in paths if path.name.startswith("directory")]
    form = [path for path in paths if path.name.startswith("form_") or path.parent.name == "request_form"]
    others = [path for path in paths if path not in (*directory, *form, ROOT / "gateway" / "http" / "app.py")]
    assert imports_from_elsewhere(others) | {"helpdesk.gateway.counts"} == CUSTOMER_SIDE
    assert imports_from_elsewhere(form) <= CUSTOMER_SIDE | FORM_SIDE
    assert imports_from_elsewhere(directory) <= CUSTOMER_SIDE | DIRECTORY_SIDE


def imports_from_elsewhere(paths: Iterable[Path]) -> set[str]:
    return {
        name
        for path in paths
        for name in imports_of(path)
        if name.startswith("helpdesk.") and not name.startswith("helpdesk.gateway.http")
    }


def test_the_operator_s_page_and_the_side_of_customers_share_no_room() -> None:
    for room, other in (("operator", "helpdesk.gateway.http"), ("http", "helpdesk.gateway.operator")):
        imported = {name for path in (ROOT / "gateway" / room).rglob("*.py") for name in imports_of(path)}
        assert imported
        assert not [name for name in imported if name.startswith(other)]


def test_the_views_of_customers_name_no_table_of_the_team() -> None:
    allowed = {
        "platform_attachment",
        "platform_inbox",
        "platform_reply",
        "platform_thread",
        "api_key",
        "api_secret",
        "UNREAD",
        "UNUSED_UPLOAD",
        "WAITING",
        "WITH_CLIENT_KEY",
        "page_session",
        "storable",
    }
    for name in ("platform_views", "api_keys", "page_sessions", "pending_replies"):
        tree = ast.parse((ROOT / "store" / f"{name}.py").read_text())
        named = {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "helpdesk.store.schema"
            for alias in node.names
        }
        assert named <= allowed, name


def test_the_lock_file_is_hashed_and_names_no_address() -> None:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    pinned = [line for line in lines if "==" in line]
    assert pinned
    assert all(line.rstrip().endswith("\\") for line in pinned)
    assert not [line for line in lines if "://" in line or line.startswith(("--index", "--extra"))]
