"""Layer 1: the AWS AI services."""
