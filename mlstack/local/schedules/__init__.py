"""What happens by the clock: EventBridge Scheduler's schedules and EventBridge's rules with a schedule."""
