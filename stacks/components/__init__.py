"""Constructs used by two layers or more."""
