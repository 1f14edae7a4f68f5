"""Analyses each new image once: S3 event or backfill batch in, findings and one document per analysis out."""
