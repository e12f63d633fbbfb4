"""Databases for the others: one each on the same PostgreSQL server, dropped at the end."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
from sqlalchemy import make_url


@contextmanager
def fresh_databases(server: str, names: Sequence[str]) -> Iterator[dict[str, str]]:
    """An empty database's URL for each name, or "" where there is no server. Raise psycopg.Error."""
    if not server:
        yield dict.fromkeys(names, "")
        return
    url = make_url(server)
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    found = {name: url.set(drivername="postgresql", database=f"compare_{name}") for name in names}
    with psycopg.connect(address, autocommit=True) as connection:
        for place in found.values():
            connection.execute(f'DROP DATABASE IF EXISTS "{place.database}"'.encode())
        # Roundup makes its database by itself
        connection.execute(b'CREATE DATABASE "compare_django_helpdesk"')
        try:
            yield {name: place.render_as_string(hide_password=False) for name, place in found.items()}
        finally:
            for place in found.values():
                connection.execute(f'DROP DATABASE IF EXISTS "{place.database}" WITH (FORCE)'.encode())
