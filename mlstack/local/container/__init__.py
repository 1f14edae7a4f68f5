"""Containers without Docker: an image is a folder of its files, a container a process of this machine's Python."""
