"""The features of images, slots, briefs and styles, in a store that answers what was known when."""

from datetime import UTC, datetime

import dagster as dg

from genart_assets.defs.provenance import provenance
from genart_assets.defs.resources.storage import StorageResource
from genart_assets.defs.reviewing import human_feedback
from genart_assets.defs.vocabulary import OWNERS, REVIEWING
from genart_assets.features.feast_store import feast_store
from genart_assets.features.tables import feature_tables
from genart_assets.features.views import View
from genart_assets.provenance.index import provenance_index
from genart_assets.stages.planning.catalogue import order_keys
from genart_assets.stages.reviewing.settled_feedback import settled_feedback


@dg.asset(
    deps=[provenance, human_feedback],
    group_name=REVIEWING,
    kinds={"parquet", "duckdb", "sqlite"},
    owners=OWNERS,
    code_version="1",
)
def feature_store(store: StorageResource) -> dg.MaterializeResult:
    """Recipes, scores, verdicts, feedback and histories of everything stored so far, in Feast: what was known when.

    Joins at a moment give what the gate knew when it decided, and training sets without a look ahead. It needs Feast,
    here or in an environment that GENART_FEAST_PYTHON names.
    """
    storage, now = store.storage, datetime.now(UTC)
    with feast_store(storage) as features:
        with provenance_index(storage) as index:
            records = index.table()
        made = feature_tables(records, settled_feedback(storage, order_keys(storage)), now)
        diff = features.apply(made.tables)
        features.materialise(now)
    return dg.MaterializeResult(
        metadata={
            "registry_diff": dg.MetadataValue.md(diff.markdown()),
            **{f"rows_{view.name}": len(table) for view, table in made.tables.items()},
            "dagster/row_count": sum(len(table) for table in made.tables.values()),
            "images_without_time": made.untimed,
            "images_ahead_of_the_clock": made.ahead,
            "views": dg.MetadataValue.md("\n\n".join(_described(view) for view in made.tables)),
            "folder": f"{storage.root}/features",
        }
    )


def _described(view: View) -> str:
    lines = [f"- `{one.name}` {one.kind}: {one.description or one.name}" for one in view.features]
    return "\n".join([f"**{view.name}** of {view.entity.name}: {view.description}", "", *lines])
