"""What a model is trained on: folders of this machine on their way to the stage's bucket."""
