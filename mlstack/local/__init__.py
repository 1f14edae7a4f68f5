"""The local AWS: moto's server plus what moto lacks, driven by the real CDK CLI on a loopback port."""

CANNED = ("rekognition", "comprehend", "polly", "textract")
"""Services whose local answers are constants: they prove the wiring, never the model."""
