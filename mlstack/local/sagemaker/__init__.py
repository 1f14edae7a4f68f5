"""SageMaker's notebooks and endpoints; jobs and everything else are moto's."""
