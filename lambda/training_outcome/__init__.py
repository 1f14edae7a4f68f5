"""Tells how a training workflow ended, and ends what it left running."""
