"""The schema's history, oldest first; alembic applies what is missing."""
