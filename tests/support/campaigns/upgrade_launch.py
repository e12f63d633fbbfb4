"""`helpdesk` of a release with its own migrations: `upgrade_launch.py SECONDS FILE FOLDER VERSION HEAD NEEDED serve --config …`.

SECONDS and FILE are those of `nodes_launch.py`: leases are short, and each letter that is handed over is noted.
"""

import importlib.metadata
import sys
from datetime import timedelta
from pathlib import Path


def launch(lease: str, notes: str, folder: str, version: str, head: str, needed: str) -> None:
    """Run the command line as the release. Its modules ask for the version when they are imported, so they are imported late."""
    installed = importlib.metadata.version
    importlib.metadata.version = lambda distribution_name: (
        version if distribution_name == "helpdesk-gateway" else installed(distribution_name)
    )
    sys.path.append(str(Path(__file__).parents[2]))
    from support.campaigns.nodes_launch import note_letters, shorten_leases

    from helpdesk.gateway.cli.main import main
    from helpdesk.store import migrate

    shorten_leases(timedelta(seconds=float(lease)))
    note_letters(Path(notes))
    migrate.SCRIPTS, migrate.HEAD, migrate.NEEDED = folder, head, needed
    main()


if __name__ == "__main__":
    release, sys.argv = sys.argv[1:7], ["helpdesk", *sys.argv[7:]]
    launch(*release)
