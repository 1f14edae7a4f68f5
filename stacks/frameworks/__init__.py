"""Layer 3: machines, containers and clusters with the frameworks on them."""
