"""Later releases of the program: its own migrations, and further ones that a test makes up."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from helpdesk.store import migrate as migrations

OURS = Path(migrations.__file__).with_name("migrations")
FIRST = "0001_first_release.py"
HEAD_OF_MODULE = """
    import sqlalchemy as sa
    from alembic import op
    from helpdesk.store.added_indexes import AddedIndex
    from helpdesk.store.backfills import Backfill
    revision, down_revision = "{number}", "{before:04}"
"""


def write_migrations(folder: Path, later: Mapping[str, str]) -> None:
    """Write a folder of migrations: the first release's, and further ones, each the number with what its module says."""
    (folder / "versions").mkdir(parents=True)
    for name in ("env.py", "script.py.mako", f"versions/{FIRST}"):
        (folder / name).write_text((OURS / name).read_text())
    for number, says in later.items():
        module = dedent(HEAD_OF_MODULE).format(number=number, before=int(number) - 1) + dedent(says)
        if "def upgrade" not in module:
            module += "\ndef upgrade() -> None: pass\n"
        (folder / "versions" / f"{number}_later.py").write_text(module)


def become(folder: Path, head: str, needed: str) -> dict[str, str]:
    """What `store.migrate` says in the program whose migrations stand in the folder."""
    return {"SCRIPTS": str(folder), "HEAD": head, "NEEDED": needed}
