"""Rekognition as the project needs it: AWS's own example answers behind AWS's rules for images, faces and videos."""
