"""`mlstack image list`: the images that a stage keeps, and what they cost."""
