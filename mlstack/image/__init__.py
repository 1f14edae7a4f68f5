"""`mlstack image`: container images."""
