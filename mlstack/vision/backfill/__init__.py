"""Analyses what lies in a bucket already: `mlstack vision backfill` and `mlstack vision backfills`."""
