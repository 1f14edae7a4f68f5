"""Cancels the Spot request of an instance before CloudFormation terminates it, and ends what else the request began."""
