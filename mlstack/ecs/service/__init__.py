"""`mlstack service`: inference services on ECS, which sleep at no task at all until somebody asks them."""
