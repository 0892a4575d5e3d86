import pytest
import torch

from genart_assets.storage.device_copy import copied

DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU"))]


@pytest.mark.parametrize("device", DEVICES)
def test_the_copies_keep_what_the_stage_overwrites(device: str) -> None:
    source = torch.arange(2**20, device=device, dtype=torch.float32).reshape(1024, 1024)
    for dtype in (torch.float32, torch.bfloat16, torch.float16):
        tensor = source.to(dtype).T
        expected = tensor.cpu().clone()
        on_device, arrive = copied({"x": tensor})
        tensor.zero_()
        assert on_device["x"].device.type == device
        assert on_device["x"].is_contiguous()
        host = arrive()["x"]
        assert host.device.type == "cpu"
        assert torch.equal(host, expected)
        assert torch.equal(on_device["x"].cpu(), expected)
