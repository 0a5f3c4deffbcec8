"""Bring the register to the schema of this version, then end. A second run changes nothing."""

from activities.register.migrate import upgrade
from service.settings import load

upgrade(load().database)
