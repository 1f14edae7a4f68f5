"""`mlstack train|tune|compile|transform|deploy|models`: the stage's training workflow, started and followed."""
