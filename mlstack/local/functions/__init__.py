"""Functions as Lambda runs them: the deployed zip, in a process with the function's own environment and time limit."""
