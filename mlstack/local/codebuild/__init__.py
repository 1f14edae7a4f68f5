"""CodeBuild as far as a machine without Docker goes: it builds images by following their Dockerfile."""
