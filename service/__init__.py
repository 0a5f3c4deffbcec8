"""Processes: settings, command line, worker, and the embedded stack of a single machine."""
