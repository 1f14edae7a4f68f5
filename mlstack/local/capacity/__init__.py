"""EC2 capacity for ECS: Auto Scaling groups, the container instances that they launch, and who is placed on them."""
