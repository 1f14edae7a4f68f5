"""Under all layers: network and storage. All long-lived state is here."""
