"""What AWS offers, as data: images, algorithms, instance types, prices, and what it has closed."""
