"""Refuses a deploy that would take a workstation's machine away, or act on it as if it were another one."""
