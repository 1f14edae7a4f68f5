"""What a person decides about flagged objects."""
