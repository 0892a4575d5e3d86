import threading

import dagster as dg

from genart_assets.defs.partitions import add_batches, batches
from genart_assets_tests.defs.studio import Studio


def test_two_processes_may_add_the_same_batches_at_once(housed: Studio) -> None:
    rounds, workers = 10, 3
    together, failed = threading.Barrier(workers), []

    def work() -> None:
        with dg.DagsterInstance.from_ref(housed.instance.get_ref()) as instance:
            for k in range(rounds):
                together.wait()
                try:
                    add_batches(instance, [f"round-{k}.{i:04d}" for i in range(500)])
                except Exception as error:  # noqa: BLE001 - the thread's failure is the test's
                    failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(housed.instance.get_dynamic_partitions(str(batches.name))) == rounds * 500


def test_more_batches_than_one_statement_takes(housed: Studio) -> None:
    keys = [f"brief.{i:06d}" for i in range(40_000)]
    add_batches(housed.instance, keys)
    add_batches(housed.instance, [*keys, "brief.last"])
    assert len(housed.instance.get_dynamic_partitions(str(batches.name))) == 40_001
