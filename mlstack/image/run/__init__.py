"""`mlstack image run`: an image on one's own machine, run by Docker as ECS would run it."""
