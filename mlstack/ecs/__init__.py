"""`mlstack run` and `mlstack service`: the stage's own containers on ECS, trained in and served from zero."""
