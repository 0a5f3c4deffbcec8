"""The register: what must be counted, constrained and remembered by the authority, in SQL."""

from activities.register.activities import RegisterActivities
from activities.register.engine import open_engine
from activities.register.migrate import upgrade
from activities.register.register import Register

__all__ = ["Register", "RegisterActivities", "open_engine", "upgrade"]
