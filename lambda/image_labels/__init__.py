"""Labels each new image once: S3 event in, one item and one JSON document out."""
