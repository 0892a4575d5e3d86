"""The code location: assembles what `defs/` declares, decides nothing."""

import dagster as dg

import genart_assets.defs
from genart_assets.defs.audits import audit, daily_audit
from genart_assets.defs.io_managers.images import ImageIOManager
from genart_assets.defs.io_managers.plans import PlanIOManager
from genart_assets.defs.io_managers.tables import TableIOManager
from genart_assets.defs.io_managers.tensors import TensorIOManager
from genart_assets.defs.jobs import (
    calibrate,
    deliver,
    learn,
    materialise_features,
    object_to_lora,
    render,
    settle,
    take_turn,
    train_starter,
)
from genart_assets.defs.resources.starter_training import StarterTrainingResource
from genart_assets.defs.resources.storage import StorageResource
from genart_assets.defs.sensors.inbox import inbox_sensor
from genart_assets.defs.sensors.learning import learning_sensor
from genart_assets.defs.sensors.next_rounds import retry_sensor
from genart_assets.defs.sensors.selection import selection_sensor
from genart_assets.defs.sensors.settling import review_sensor
from genart_assets.defs.sensors.superseded import superseded_sensor

store = StorageResource()

defs = dg.Definitions(
    assets=dg.load_assets_from_package_module(genart_assets.defs),
    asset_checks=dg.load_asset_checks_from_package_module(genart_assets.defs),
    jobs=[
        render,
        take_turn,
        settle,
        calibrate,
        learn,
        object_to_lora,
        deliver,
        audit,
        materialise_features,
        train_starter,
    ],
    schedules=[daily_audit],
    sensors=[inbox_sensor, learning_sensor, retry_sensor, review_sensor, selection_sensor, superseded_sensor],
    resources={
        "store": store,
        "training": StarterTrainingResource(),
        "plans": PlanIOManager(store=store),
        "tensors": TensorIOManager(store=store),
        "images": ImageIOManager(store=store),
        "tables": TableIOManager(store=store),
    },
    executor=dg.in_process_executor,
)
