"""Empties an ECS cluster, and ends the instances of its groups, before CloudFormation deletes them."""
