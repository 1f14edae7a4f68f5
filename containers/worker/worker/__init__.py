"""Fetches a model for the inference server, and carries requests from a queue to it."""
