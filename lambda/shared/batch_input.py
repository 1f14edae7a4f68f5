"""What may lie under a prefix that batch transform reads: one object that is refused fails the whole job.

https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-errors.html. The function that plans the job and the
command line that sends its pictures must agree on these.
"""

LARGEST_PICTURE_MB = 20
"""As MaxPayloadInMB has it: MB of 1,048,576 bytes. At most 100 for all requests at a time, and JPEGs have fewer."""
PICTURE_SUFFIXES = frozenset({".jpeg", ".jpg", ".png"})
