"""All that `defs/` declares, as Dagster's Definitions: assets, checks, jobs, sensors and schedules of every module."""

import pkgutil
from collections.abc import Iterable
from importlib import import_module
from types import ModuleType
from typing import TypeVar

import dagster as dg

import genart_assets.defs
from genart_assets.defs.io_managers.images import ImageIOManager
from genart_assets.defs.io_managers.plans import PlanIOManager
from genart_assets.defs.io_managers.tables import TableIOManager
from genart_assets.defs.io_managers.tensors import TensorIOManager
from genart_assets.defs.resources.starter_training import StarterTrainingResource
from genart_assets.defs.resources.storage import StorageResource

Declared = TypeVar("Declared")
JOBS = (dg.JobDefinition, type(dg.define_asset_job("any")))
"""The second is what `define_asset_job` makes; Dagster gives it no public name."""


def modules_of(package: ModuleType) -> list[ModuleType]:
    """Every module below a package but this one."""
    found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    return [import_module(module.name) for module in found if module.name != __name__]


def declared(modules: Iterable[ModuleType], *kinds: type[Declared]) -> list[Declared]:
    """What modules hold of some kinds, each once, wherever it is imported as well."""
    values = (value for module in modules for value in vars(module).values())
    return list({id(value): value for value in values if isinstance(value, kinds)}.values())


def assemble(modules: Iterable[ModuleType]) -> dg.Definitions:
    """The definitions of some modules, with the platform's resources; Dagster refuses a name that is declared twice."""
    modules = list(modules)
    store = StorageResource()
    return dg.Definitions(
        assets=dg.load_assets_from_modules(modules),
        asset_checks=dg.load_asset_checks_from_modules(modules),
        jobs=declared(modules, *JOBS),
        schedules=declared(modules, dg.ScheduleDefinition),
        sensors=declared(modules, dg.SensorDefinition),
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


defs = assemble(modules_of(genart_assets.defs))
