"""What ECR does for a whole registry and moto lacks: pull-through caches, templates of the repositories they make."""
