"""`mlstack predict` and `mlstack endpoint`: the stage's SageMaker endpoints."""
