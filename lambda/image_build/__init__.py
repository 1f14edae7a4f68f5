"""Builds a container image in the account before anything that needs it is made."""
