"""Names that Dagit shows: groups, owners, the pool of the device."""

OWNERS = ["team:art-platform"]

PLANNING = "planning"
RENDERING = "rendering"
JUDGING = "judging"
RETRYING = "retrying"
REVIEWING = "reviewing"
DELIVERY = "delivery"
LEARNING = "learning"
STARTER_TRAINING = "starter_training"

GPU = "gpu"
"""The pool that every asset takes a slot of while it uses the device; its limit lives in the instance."""
