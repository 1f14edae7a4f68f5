"""Programs that a machine finds on its PATH in place of the real ones."""
