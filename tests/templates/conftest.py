"""The fixtures of the template tests."""

from tests.templates.synthesis import production, sandbox, synthesize

__all__ = ["production", "sandbox", "synthesize"]
