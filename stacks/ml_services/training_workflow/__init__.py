"""The training workflow as Step Functions runs it: one module for each part, put together in definition.py."""
