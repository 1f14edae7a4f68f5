"""Stops a cluster's tasks that run for too long or find no place, and ends instances that no task needs.

It also keeps awake the metrics by which the cluster's services wake.
"""
