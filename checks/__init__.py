"""The project's own gates: what `make check` asks beyond format, lint, types and tests."""
