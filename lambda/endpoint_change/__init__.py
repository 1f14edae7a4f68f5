"""Gives a model to an endpoint: a new one, or one that answers already."""
