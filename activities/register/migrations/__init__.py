"""Alembic migrations of the register, shipped with it. Never edit one that was released: add the next."""
