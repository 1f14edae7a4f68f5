"""SageMaker's model registry: groups of model packages, their versions, and what is told of them."""
