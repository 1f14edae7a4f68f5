"""What a person sees when something cannot be done: one line, the next step named, exit code 2."""


class UserError(Exception):
    """A problem the person can mend; the message is one line that names the next step."""
