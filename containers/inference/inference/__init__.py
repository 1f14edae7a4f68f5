"""An image classifier over HTTP: one server for SageMaker, batch transform, ECS and a laptop."""
