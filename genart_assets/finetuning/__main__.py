"""Fine-tunes a style LoRA from a directory: ``python -m genart_assets.finetuning FOLDER``.

FOLDER holds training_set.json with its pictures, and config.json. The LoRA goes to FOLDER/lora, in the layout that
diffusers' load_lora_weights reads; checkpoints go to FOLDER/checkpoints. Run the same command again to resume. Several
processes can train together, with averaged gradients:

    torchrun --nproc_per_node 2 -m genart_assets.finetuning FOLDER
    accelerate launch -m genart_assets.finetuning FOLDER

Exit codes: 0 done, 1 something failed or reached a bound, which is named, 2 the input is wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from genart_assets.errors import GenartError


def main() -> int:
    options = argparse.ArgumentParser(
        prog="python -m genart_assets.finetuning",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options.add_argument("folder", type=Path, help="directory with training_set.json and config.json")
    options.add_argument("--model", default="starter", help="base model: starter, a directory, or hub-id@revision")
    options.add_argument("--snapshot", help="snapshot id that the model must have; by default any")
    given = options.parse_args()
    try:
        return _run(given.folder, given.model, given.snapshot)
    except GenartError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code


def _run(folder: Path, model_name: str, snapshot: str | None) -> int:
    from genart_assets.finetuning.finetune_lora import Step, finetune_lora
    from genart_assets.finetuning.folder import CHECKPOINTS, LORA, read_folder
    from genart_assets.finetuning.inputs import read_training_data
    from genart_assets.finetuning.processes import joined_processes
    from genart_assets.loras.folder import save_lora
    from genart_assets.models.device import device_class
    from genart_assets.models.loading import load_model
    from genart_assets.storage.root import Storage

    made, config = read_folder(folder)
    data = read_training_data(made, Storage.open(str(folder)).read)

    def report(step: Step) -> None:
        losses = {"denoising": step.denoising, "preference": step.preference}
        print(json.dumps({"step": step.number, "of": step.of, **losses}), flush=True)

    with joined_processes(device_class().device) as processes:
        found = finetune_lora(
            load_model(model_name, snapshot),
            data,
            config,
            report,
            checkpoints=folder / CHECKPOINTS,
            processes=processes,
        )
        if found.stopped:
            if processes.leads:
                print(f"stopped after step {found.steps} of {config.steps}: {found.stopped}", file=sys.stderr)
            return 1
        if processes.leads:
            save_lora(folder / LORA, found.weights, found.record)
    return 0


if __name__ == "__main__":
    sys.exit(main())
