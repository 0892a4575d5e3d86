"""What steers a loaded pipeline for some recipes and not for others: LoRAs and ControlNets, kept near it."""

from __future__ import annotations

import os
import warnings
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from genart_assets.errors import InputError, ModelError
from genart_assets.models.controls import control_snapshot
from genart_assets.models.families.protocol import ModelFamily
from genart_assets.models.lora_weights import config_of, read_lora
from genart_assets.models.loras import find_lora, lora_snapshot
from genart_assets.models.snapshot import require_snapshot
from genart_assets.records.recipe import RecipeControl, RecipeLora

if TYPE_CHECKING:
    import torch

BUDGET_VARIABLE = "GENART_ADAPTER_BYTES"
BUDGET = 4 * 2**30
"""Bytes: a dozen LoRAs of an SDXL model, or one ControlNet and a few."""


def budget_bytes() -> int:
    """Bytes that idle adapters may hold on the device.

    Raises:
        InputError: ``GENART_ADAPTER_BYTES`` is no whole number.
    """
    given = os.environ.get(BUDGET_VARIABLE, "") or str(BUDGET)
    if not given.isdecimal():
        raise InputError(f"{BUDGET_VARIABLE} is {given!r}", remedy="give a whole number of bytes, or unset it")
    return int(given)


@dataclass(frozen=True)
class _Resident:
    bytes: int
    leave: Callable[[], None] = lambda: None
    module: Any = None
    """The ControlNet; None for a LoRA, which lives in the denoiser."""


class Adapters:
    """The adapters of one pipeline, by snapshot id. What is used stays; beyond the budget the least recently used goes.

    What a call needs is there at once, also where that alone is more than the budget.
    """

    def __init__(self, family: ModelFamily, pipe: Any, budget: int) -> None:
        self._family, self._pipe, self._denoiser, self._budget = family, pipe, family.denoiser(pipe), budget
        self._resident: OrderedDict[str, _Resident] = OrderedDict()
        self._active: tuple[tuple[str, float], ...] | None = ()
        self.loads = 0
        """Adapters read from their files so far."""
        self.switches = 0
        """Changes of the active LoRAs so far."""

    @property
    def resident(self) -> tuple[str, ...]:
        """Snapshot ids, least recently used first."""
        return tuple(self._resident)

    @property
    def bytes(self) -> int:
        return sum(adapter.bytes for adapter in self._resident.values())

    def switch(self, loras: Sequence[RecipeLora], files: Mapping[str, str]) -> None:
        """Make exactly these LoRAs act on the denoiser, added up in this order; none of them is the plain model.

        ``files`` maps snapshot ids to where the files are: paths, shipped names or hub ids.

        Raises:
            ModelError: a file is gone, has changed, or does not fit.
        """
        wanted = tuple((lora.snapshot, lora.scale) for lora in loras)
        if wanted == self._active:
            return
        self._active = None
        needed = [lora.snapshot for lora in loras]
        for lora in loras:
            self._keep(lora.snapshot, needed, lambda lora=lora: self._load_lora(lora, files, needed))
        self._make_room(0, needed)
        self._apply(wanted)
        self._active, self.switches = wanted, self.switches + 1

    def rest(self) -> None:
        """The plain model again, and no more adapters than the budget allows."""
        self.switch((), {})
        self._make_room(0, ())

    def control_net(self, control: RecipeControl, files: Mapping[str, str]) -> Any:
        """The ControlNet of a recipe's control, on the pipeline's device and in its dtype.

        Raises:
            ModelError: its files are gone, have changed, or hold values that are not finite.
        """
        self._keep(control.snapshot, [control.snapshot], lambda: self._load_control(control, files))
        return self._resident[control.snapshot].module

    def _keep(self, snapshot: str, needed: Sequence[str], load: Callable[[], _Resident]) -> None:
        if snapshot not in self._resident:
            self._resident[snapshot] = load()
            self.loads += 1
        self._resident.move_to_end(snapshot)

    def _make_room(self, size: int, needed: Sequence[str]) -> None:
        for snapshot in self.resident:
            if self.bytes + size <= self._budget:
                return
            if snapshot not in needed:
                self._resident.pop(snapshot).leave()

    def _load_lora(self, lora: RecipeLora, files: Mapping[str, str], needed: Sequence[str]) -> _Resident:
        from genart_assets.models.quiet import quiet_libraries

        name = lora.name
        file = source_of(lora.snapshot, files, f"LoRA {name!r}")
        require_snapshot(f"LoRA {name!r}", lora_snapshot(file).snapshot_id, lora.snapshot)
        weights = read_lora(find_lora(file), self._family, config_of(self._denoiser))
        size = sum(tensor.numel() for tensor in weights.tensors.values()) * self._denoiser.dtype.itemsize
        self._make_room(size, needed)
        with quiet_libraries(), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Already found a `peft_config`")  # more than one is what we want
            try:
                self._denoiser.load_lora_adapter(
                    dict(weights.tensors),
                    prefix=None,
                    adapter_name=lora.snapshot,
                    metadata=dict(weights.config),
                    low_cpu_mem_usage=True,
                )
            except BaseException:
                # Out of memory, or an interrupt: diffusers leaves some layers with half of it, active.
                self._delete(lora.snapshot)
                raise
        self._require_taken(name, lora.snapshot, weights.tensors)
        return _Resident(size, lambda: self._delete(lora.snapshot))

    def _load_control(self, control: RecipeControl, files: Mapping[str, str]) -> _Resident:
        from genart_assets.models.quiet import quiet_libraries

        name = source_of(control.snapshot, files, f"the {control.kind} ControlNet")
        snapshot = control_snapshot(name)
        require_snapshot(f"ControlNet {name!r}", snapshot.snapshot_id, control.snapshot)
        self._make_room(snapshot.bytes, [lora for lora, _ in self._active or ()])
        with quiet_libraries():
            net = self._family.load_control(name, self._denoiser)
        if not all(weights.isfinite().all() for weights in net.parameters()):
            raise ModelError(
                f"ControlNet {name!r} holds values that are not finite", remedy="train it again, or take another"
            )
        return _Resident(sum(weights.nbytes for weights in net.parameters()), module=net)

    def _require_taken(self, name: str, adapter: str, tensors: Mapping[str, torch.Tensor]) -> None:
        """Loaders leave out what they do not understand; here every tensor must have arrived."""
        from peft.utils import get_peft_model_state_dict

        taken = get_peft_model_state_dict(self._denoiser, adapter_name=adapter)
        for tensor_name, tensor in tensors.items():
            found = taken.get(tensor_name)
            if found is None or not found.equal(tensor.to(found)) or not found.isfinite().all():
                self._delete(adapter)
                raise ModelError(
                    f"LoRA {name!r}: tensor {tensor_name} did not arrive in the model as it is in the file",
                    remedy="save it with diffusers' save_lora_weights, in float32",
                )

    def _delete(self, adapter: str) -> None:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Adapter .* was active")  # the next switch says what is active
            self._pipe.delete_adapters(adapter)

    def _apply(self, wanted: Sequence[tuple[str, float]]) -> None:
        if wanted:
            self._pipe.enable_lora()
            self._pipe.set_adapters([snapshot for snapshot, _ in wanted], [scale for _, scale in wanted])
        elif self._resident and hasattr(self._denoiser, "peft_config"):
            self._pipe.disable_lora()
        self._denoiser.eval()  # a LoRA that was trained with dropout comes with it
        # peft freezes the layers that it wraps; torch takes another CPU kernel for weights that need no gradient, and
        # the plain model's bits would be others once a LoRA had been loaded.
        self._denoiser.requires_grad_(True)


def source_of(snapshot: str, files: Mapping[str, str], what: str) -> str:
    """Where the files of a snapshot are.

    Raises:
        ModelError: none is known.
    """
    if snapshot not in files:
        raise ModelError(
            f"{what}, snapshot {snapshot[:12]}, is not known here",
            remedy="restore models/ of the storage from a backup",
        )
    return files[snapshot]
