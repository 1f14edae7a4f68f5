"""Load balancers as their settings: what the project uses and moto lacks. Nothing listens, no request is sent."""
