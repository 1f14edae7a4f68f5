"""What things cost, worked out before they are done."""
