"""Feedback starts learning: when enough images were newly accepted, a style gets its turn."""

import dagster as dg

from genart_assets.defs.jobs import learn
from genart_assets.defs.partitions import add_styles
from genart_assets.defs.resources.storage import StorageResource
from genart_assets.defs.resources.tags import DRIVER, FOREGROUND
from genart_assets.errors import GenartError
from genart_assets.learning.styles import stored_style, style_names
from genart_assets.learning.training_sets import accepted_images, last_training_set
from genart_assets.loras.versions import versions_of
from genart_assets.storage.root import Storage


@dg.sensor(job=learn, minimum_interval_seconds=30, default_status=dg.DefaultSensorStatus.RUNNING)
def learning_sensor(context: dg.SensorEvaluationContext, store: StorageResource) -> dg.SensorResult:
    """A run of `learn` for every style for whose briefs ``new_images`` more images are accepted than its last training
    set knew. So many at most are asked for once: what was tried and came to nothing waits for more. A run that failed
    between the training set and the version is asked for once more, and goes on from its last checkpoint.
    """
    storage = store.storage
    requests: list[dg.RunRequest] = []
    for name in style_names(storage):
        try:
            style = stored_style(storage, name)
            last = last_training_set(storage, name)
            accepted = accepted_images(storage, style)
            if accepted - (last.accepted if last else 0) >= style.new_images:
                add_styles(context.instance, [name])
                steps = accepted // style.new_images
                requests.append(
                    dg.RunRequest(f"learn:{name}:{last.made.id[:12] if last else ''}:{steps}", partition_key=name)
                )
            elif last and _failed(context.instance, storage, name, last.made.id):
                requests.append(dg.RunRequest(f"learn:{name}:{last.made.id[:12]}:again", partition_key=name))
        except GenartError as error:
            context.log.warning(f"style {name} waits: {error}")
    return dg.SensorResult(run_requests=requests, skip_reason=None if requests else "no style has enough new images")


def _failed(instance: dg.DagsterInstance, storage: Storage, style: str, training_set_id: str) -> bool:
    """Whether the style's last run failed by itself, and no version came of its training set."""
    runs = instance.get_runs(dg.RunsFilter(job_name=learn.name, tags={"dagster/partition": style}), limit=1)
    if not any(run.status == dg.DagsterRunStatus.FAILURE and run.tags.get(DRIVER) != FOREGROUND for run in runs):
        return False
    return all(one.record.training_set != training_set_id for one in versions_of(storage, style))
