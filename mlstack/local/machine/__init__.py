"""What stands behind an instance: a folder in which the project's own boot script and agent really run."""

ROUTE = "/_mlstack/machines"
"""Where machines are told of (GET), and where a test lets things happen on one (POST; machines.py says which)."""
