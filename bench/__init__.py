"""What is measured, never timed in a unit test."""
