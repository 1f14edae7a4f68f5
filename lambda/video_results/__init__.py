"""Fetches what a Rekognition job found in a video: completion in, findings and one document per page out."""
