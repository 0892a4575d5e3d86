"""A graph of one partitioned asset in pool gpu, small enough to test an instance with."""

import dagster as dg

batches = dg.DynamicPartitionsDefinition(name="batches")


@dg.asset(partitions_def=batches, pool="gpu")
def shapes(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    print(f"drawing {context.partition_key}")
    return dg.MaterializeResult(metadata={"rows": 3})


defs = dg.Definitions(assets=[shapes], executor=dg.in_process_executor)
