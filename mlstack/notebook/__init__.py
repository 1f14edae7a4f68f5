"""`mlstack notebook`: the stage's SageMaker notebook instance."""
