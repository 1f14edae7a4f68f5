"""Waits for the network interfaces of a security group before CloudFormation deletes the group."""
