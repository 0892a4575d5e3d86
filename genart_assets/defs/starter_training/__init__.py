"""The starter model's training: from open icon sets to the weights that the package ships. A group of its own.

Nothing starts it by itself: it is job ``train_starter``, or Materialize in Dagit. A run that was cut off goes on from
its checkpoints.
"""
