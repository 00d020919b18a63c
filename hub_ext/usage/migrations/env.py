"""How alembic reaches the database: with the connection that :class:`hub_ext.usage.database.Database` opened."""

from alembic import context

from hub_ext.usage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes a table only by copying it
)
with context.begin_transaction():
    context.run_migrations()
