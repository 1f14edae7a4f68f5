"""Judges, on a workstation, whether anybody uses it, and switches it off when nobody does."""
