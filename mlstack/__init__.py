"""The command line: reads cdk.out and AWS, never imports the stacks."""
