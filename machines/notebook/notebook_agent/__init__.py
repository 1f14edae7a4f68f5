"""Judges, on a SageMaker notebook instance, whether anybody uses it, and stops it when nobody does."""
