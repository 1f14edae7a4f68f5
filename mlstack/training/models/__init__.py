"""`mlstack models`: the registered versions of the stage's models, and the runs that made them."""
