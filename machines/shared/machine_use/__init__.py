"""How an agent on a machine sees whether anybody uses it; the notebook and the workstation share it."""
