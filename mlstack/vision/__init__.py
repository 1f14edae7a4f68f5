"""What the command line does with a deployed vision stack."""
