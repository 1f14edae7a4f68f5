"""CloudWatch's alarms on one metric: judged as CloudWatch does, and acting on a change of state."""
