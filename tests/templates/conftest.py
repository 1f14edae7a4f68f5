"""The fixtures of the template tests."""

from tests.templates.synthesis import production, sandbox, synthesize, team

__all__ = ["production", "sandbox", "synthesize", "team"]
