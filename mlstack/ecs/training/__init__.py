"""`mlstack run`: a training as a task on ECS, started, followed and stopped."""
