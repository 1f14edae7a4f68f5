"""Judges a trained model by the metric that its request names."""
