"""Takes what training workflows made with the stack that made them."""
