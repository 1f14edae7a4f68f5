"""Service Quotas of SageMaker: how many instances of a type jobs and endpoints may use at a time."""
