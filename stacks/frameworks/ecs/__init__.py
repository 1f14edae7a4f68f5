"""Containers on ECS: a cluster, training with a GPU, services that sleep, and what switches them off."""
