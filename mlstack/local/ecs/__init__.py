"""ECS that runs: tasks are processes of the images that the local CodeBuild has built; services keep them up."""
