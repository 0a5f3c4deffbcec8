"""The archive: one OCFL object per award, named by the deliberation's number, that only grows (invariant 9)."""

from activities.archive.activity import ArchiveActivities
from activities.archive.naming import object_id, parse_object_id
from activities.archive.storage import ObjectReport, Storage, read_file, verify_object

__all__ = ["ArchiveActivities", "ObjectReport", "Storage", "object_id", "parse_object_id", "read_file", "verify_object"]
