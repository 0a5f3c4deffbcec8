"""The evidence of a convention as it leaves us: complete, readable, sealed, timestamped, and checkable without us."""
