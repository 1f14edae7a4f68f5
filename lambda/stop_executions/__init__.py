"""Ends what state machines still run before CloudFormation deletes them."""
