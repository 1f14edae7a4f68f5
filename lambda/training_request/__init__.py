"""Validates what a person wants trained, and plans every job for it."""
