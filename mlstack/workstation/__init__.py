"""`mlstack workstation`: the stage's GPU workstations."""
