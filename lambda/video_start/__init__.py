"""Starts the analyses of each new video: S3 event in, Rekognition jobs out, never more than the account may have."""
