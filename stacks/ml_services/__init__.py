"""Layer 2: SageMaker."""
