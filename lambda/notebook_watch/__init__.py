"""Stops a notebook instance that its own agent no longer watches, or that has run for too long."""
