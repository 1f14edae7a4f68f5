"""SageMaker's jobs: training, tuning, processing, batch transform, compilation."""
