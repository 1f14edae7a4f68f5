"""What SageMaker refuses, or silently ignores, found in the templates before anything is deployed."""
