"""Acts on what moderation flagged: tags it, moves it into quarantine, and does what a reviewer decides."""
