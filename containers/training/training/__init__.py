"""Trains a classifier of pictures on Amazon SageMaker, and evaluates it."""
