"""Stops the workstations that their own agents no longer watch, or that have run for too long."""
