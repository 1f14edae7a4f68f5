"""Makes the groups of versions, and takes what training workflows made with the stack that made them."""
