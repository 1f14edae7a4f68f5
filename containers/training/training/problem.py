"""What a person can mend."""


class ProblemError(Exception):
    """The job cannot be done as it was asked for; the message says what to change, in one line."""
