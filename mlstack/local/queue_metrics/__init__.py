"""What SQS tells CloudWatch of its queues, each minute."""
