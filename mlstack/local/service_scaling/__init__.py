"""How Application Auto Scaling moves the desired count of an ECS service when an alarm calls a policy."""
