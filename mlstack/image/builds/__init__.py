"""`mlstack image build`: what the last synth describes, built in the account."""
