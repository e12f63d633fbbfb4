"""Run by Alembic, inside the transaction that `store.migrate` has begun: a migration happens whole or not at all."""

from alembic import context

from helpdesk.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot change a table in place
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
