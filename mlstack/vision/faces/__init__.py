"""The people whose faces a stage knows."""
