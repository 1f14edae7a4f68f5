"""Lambda's own passing faults, as Step Functions names them, and how a step waits for them to pass."""

# https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html
PASSING = (
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
)
CUT_OFF = ("Lambda.Unknown", "Sandbox.Timedout")
"""What a function that ended without a word is called."""
