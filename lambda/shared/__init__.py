"""What every function of layer 1 needs: the catalogues, the ledger, the pace, the dead letters."""
