"""Run by Alembic, on the connection that :func:`activities.register.migrate.upgrade` holds."""

from alembic import context

from activities.register.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # Our SQLite connections begin their transactions themselves, so that DDL is rolled back with the rest.
    transactional_ddl=True,
)
context.run_migrations()
