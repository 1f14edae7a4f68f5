"""Pictures with what was found in them, in one page that needs no network."""
