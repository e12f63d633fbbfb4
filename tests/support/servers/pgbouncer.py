"""A private PgBouncer in transaction mode before the PostgreSQL of the tests."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url
from support.servers.databases import ACCOUNT, PostgresqlServer
from support.servers.peers import free_ports, missing, wait_for

PROGRAM = Path("/usr/sbin/pgbouncer")
CONFIGURATION = """
[databases]
* = host={server} user={account}
[pgbouncer]
listen_addr =
listen_port = {port}
unix_socket_dir = {folder}
auth_type = any
pool_mode = transaction
default_pool_size = {sessions}
max_client_conn = 200
server_reset_query =
logfile =
"""


@contextmanager
def pgbouncer(server: PostgresqlServer, url: str, sessions: int) -> Iterator[str]:
    """Run a pooler that shares `sessions` sessions among all clients. Gives the url of the same database behind it."""
    if not PROGRAM.exists():
        missing("PgBouncer")
    [port] = free_ports(1)
    folder = server.folder / f"pooler-{port}"
    folder.mkdir(mode=0o755)
    user = ACCOUNT if os.geteuid() == 0 else None
    if user:
        subprocess.run(["chown", user, folder], check=True)
    configuration = folder / "pgbouncer.ini"
    values = {"server": server.folder, "account": ACCOUNT, "folder": folder, "port": port, "sessions": sessions}
    configuration.write_text(CONFIGURATION.format(**values))
    with subprocess.Popen([PROGRAM, configuration], user=user, cwd="/", stderr=subprocess.DEVNULL) as process:
        try:
            wait_for((folder / f".s.PGSQL.{port}").exists, "PgBouncer does not listen")
            yield f"postgresql://{ACCOUNT}@/{make_url(url).database}?host={folder}&port={port}"
        finally:
            process.terminate()
