"""Assets, checks, jobs, sensors and schedules: from the definitions that Dagster loads."""

from __future__ import annotations

from functools import cache
from typing import Any

from genart_assets.definitions import defs
from genart_docs.markdown import code, one_line, table

GROUPS = ("planning", "rendering", "judging", "retrying", "reviewing", "delivery")
"""The groups of the flow, in its order; others follow by name."""


@cache
def _graph() -> Any:
    return defs.resolve_asset_graph()


@cache
def _repository() -> Any:
    return defs.get_repository_def()


def asset_names() -> list[str]:
    return sorted(key.to_user_string() for key in _graph().get_all_asset_keys())


def check_names() -> list[str]:
    return sorted(key.name for key in _graph().asset_check_keys)


def job_names() -> list[str]:
    return sorted(job.name for job in _repository().get_all_jobs() if not job.name.startswith("__"))


def watcher_names() -> list[str]:
    repository = _repository()
    return sorted(one.name for one in [*repository.sensor_defs, *repository.schedule_defs])


def assets() -> str:
    by_group: dict[str, list[Any]] = {}
    for key in _graph().toposorted_asset_keys:
        node = _graph().get(key)
        by_group.setdefault(node.group_name, []).append(node)
    order = [*GROUPS, *sorted(set(by_group) - {*GROUPS})]
    return "\n".join(f"## Group {group}\n\n" + "\n".join(map(_asset, by_group[group])) for group in order)


def _asset(node: Any) -> str:
    name = node.key.to_user_string()
    parents = ", ".join(code(parent.to_user_string()) for parent in sorted(node.parent_keys)) or "nothing"
    partitions = f" Partitions: {code(node.partitions_def.name)}." if node.partitions_def else " Not partitioned."
    pools = sorted(node.assets_def.op.pools) if node.assets_def.is_executable else []
    pool = f" Pool: {', '.join(map(code, pools))}." if pools else ""
    return f"### `{name}`\n\n{_text(node.description)}\n\nMade from {parents}.{partitions}{pool}\n"


def checks() -> str:
    rows: list[tuple[str, ...]] = []
    for key in sorted(_graph().asset_check_keys):
        spec = _graph().get_check_spec(key)
        stops = "yes" if spec.blocking else "no"
        rows.append((code(key.name), code(key.asset_key.to_user_string()), stops, _text(spec.description)))
    return table(("check", "of asset", "blocks what follows", "what it checks"), rows)


def jobs() -> str:
    rows: list[tuple[str, str]] = []
    for name in job_names():
        rows.append((code(name), _text(_repository().get_job(name).description)))
    return table(("job", "what it does"), rows)


def watchers() -> str:
    repository = _repository()
    rows = [
        (code(one.name), "sensor", one_line(one.description or ""))
        for one in sorted(repository.sensor_defs, key=lambda sensor: sensor.name)
    ]
    rows += [
        (code(one.name), f"schedule `{one.cron_schedule}`", f"Starts the job `{one.job_name}`.")
        for one in repository.schedule_defs
    ]
    return table(("name", "kind", "what it does"), rows)


def _text(description: str | None) -> str:
    return (description or "").replace("``", "`").strip()
