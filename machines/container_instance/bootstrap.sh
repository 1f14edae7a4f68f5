#!/bin/bash
# The user data of a container instance: cloud-init runs it as root at the first boot, before ECS's agent starts, which
# reads what it appends. The image has lines of its own in the same file.
set -euo pipefail

root=${MLSTACK_ROOT:-} # another folder in tests
mkdir -p "$root/etc/ecs"
cat >>"$root/etc/ecs/ecs.config" <<'CONFIG'
ECS_CLUSTER=@CLUSTER@
ECS_AWSVPC_BLOCK_IMDS=true
ECS_CONTAINER_STOP_TIMEOUT=120s
ECS_ENABLE_SPOT_INSTANCE_DRAINING=true
ECS_IMAGE_PULL_BEHAVIOR=prefer-cached
ECS_IMAGE_PULL_INACTIVITY_TIMEOUT=10m
CONFIG
