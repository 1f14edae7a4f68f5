"""What is deployed: everything that imports aws_cdk."""
