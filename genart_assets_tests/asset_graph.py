"""The asset graph as data. ``python -m genart_assets_tests.asset_graph`` writes it anew into asset_graph.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import yaml

from genart_assets.definitions import defs

FILE = Path(__file__).with_suffix(".yaml")


def asset_graph() -> dict[str, Any]:
    """Assets, checks, jobs, sensors and resources by name, with what a change of would be felt elsewhere."""
    graph = defs.resolve_asset_graph()
    repository = defs.get_repository_def()
    nodes = {key.to_user_string(): graph.get(key) for key in sorted(graph.get_all_asset_keys())}
    pools = {
        key.to_user_string(): sorted(node.op.pools)
        for node in repository.assets_defs_by_key.values()
        if isinstance(node, dg.AssetsDefinition)
        for key in node.keys
    }
    return {
        "assets": {
            name: {
                "deps": sorted(parent.to_user_string() for parent in node.parent_keys),
                "group": node.group_name,
                "kinds": sorted(node.kinds),
                "owners": list(node.owners),
                "code_version": node.code_version,
                "partitions": node.partitions_def.name if node.partitions_def else None,
                "io_manager": node.assets_def.get_io_manager_key_for_asset_key(node.key),
                "pools": pools[name],
            }
            for name, node in nodes.items()
        },
        "checks": {
            key.name: {
                "asset": key.asset_key.to_user_string(),
                "blocking": check.blocking,
                "partitions": check.partitions_def.name if check.partitions_def else None,
                "deps": sorted(dep.asset_key.to_user_string() for dep in check.additional_deps),
            }
            for key, check in sorted((key, graph.get_check_spec(key)) for key in graph.asset_check_keys)
        },
        "jobs": {
            job.name: sorted(key.to_user_string() for key in job.asset_layer.selected_asset_keys)
            for job in sorted(repository.get_all_jobs(), key=lambda job: job.name)
            if not job.name.startswith("__")
        },
        "sensors": {
            sensor.name: {
                "target": [target.job_name for target in sensor.targets],
                "status": sensor.default_status.value,
                "interval_seconds": sensor.minimum_interval_seconds,
            }
            for sensor in sorted(repository.sensor_defs, key=lambda sensor: sensor.name)
        },
        "schedules": sorted(schedule.name for schedule in repository.schedule_defs),
        "resources": {name: type(resource).__name__ for name, resource in sorted((defs.resources or {}).items())},
        "executor": getattr(defs.executor, "name", None),
    }


if __name__ == "__main__":
    FILE.write_text(
        yaml.safe_dump(asset_graph(), sort_keys=False, default_flow_style=None, width=120), encoding="utf-8"
    )
