"""Says in one line why a step of a training workflow failed."""
