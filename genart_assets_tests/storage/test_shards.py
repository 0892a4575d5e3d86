import subprocess
import sys

import torch

from genart_assets.storage.parts import Contents
from genart_assets.storage.shards import decode_shard, describe_shard, encode_shard, layout_of

CONTENTS = Contents(ids=("a", "b"), failures={"c": "übel"}, layout={"x": {"dtype": "bfloat16", "shape": [3]}})


def test_a_shard_tells_its_rows() -> None:
    tensors = {"x": torch.arange(6).reshape(2, 3).to(torch.bfloat16)}
    data = encode_shard(CONTENTS, tensors)
    assert describe_shard(data) == CONTENTS
    assert torch.equal(decode_shard(data)["x"], tensors["x"])
    assert layout_of(tensors, 2) == CONTENTS.layout


def test_another_process_writes_the_same_bytes() -> None:
    program = """
import hashlib, torch
from genart_assets.storage.parts import Contents
from genart_assets.storage.shards import encode_shard
contents = Contents(ids=("a",), failures={str(i): "x" for i in range(20)})
data = encode_shard(contents, {name: torch.ones(1, 3) for name in "xyzuvw"})
print(hashlib.sha256(data).hexdigest())
"""
    outputs = {
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    }
    assert len(outputs) == 1
