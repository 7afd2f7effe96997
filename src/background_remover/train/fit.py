"""The training loop: all of it is in `fit`, without hooks."""

import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning_fabric
import torch
from torch import nn
from tqdm import tqdm

from background_remover.errors import OptionError, one_line
from background_remover.imaging.atomic import remove_left_overs
from background_remover.runtime.allocator import keep_freed_memory
from background_remover.runtime.signals import interrupt_event
from background_remover.train import checkpoint, history, losses
from background_remover.train.checkpoint import Checkpoint, State
from background_remover.train.config import Recipe, Stage
from background_remover.train.data import augment, clicks
from background_remover.train.data.dataset import Bank
from background_remover.train.history import Epoch
from background_remover.train.networks.imagenet import normalise
from background_remover.train.schedule import Clock, Schedule, learning_rate
from background_remover.train.validation import validate

log = logging.getLogger(__name__)

SAVE_EVERY = 240.0  # seconds
_WRITING = 1.0  # seconds, about, for a checkpoint
GRADIENT_NORM = 5.0  # a longer gradient is shortened to this


@dataclass(frozen=True)
class Device:
    """The device to train on, in the terms of Lightning Fabric."""

    accelerator: str = "auto"
    devices: int | str = "auto"
    precision: str = "bf16-mixed"
    strategy: str = "auto"


def fit(
    recipe: Recipe,
    train: Bank,
    validation: Bank,
    out: Path,
    init: State,
    device: Device,
    *,
    save_every: float | None = None,
    begun: float | None = None,
    clock: Clock | None = None,
) -> None:
    """Train into the folder `out`: `last.pt` to go on from, `best.pt` to use, `log.csv`, `curves.png`.

    A folder that holds `last.pt` of the same recipe goes on from there, and every loss from then on is what it would
    have been: the random numbers of a step depend on the seed and the step alone. `last.pt` is written every
    `save_every` seconds (by default `SAVE_EVERY`), and at Ctrl-C and SIGTERM, which end as `KeyboardInterrupt`. `init`
    are the weights to begin with. A recipe with minutes counts them from `begun`, a moment of the `clock` (by default
    from now): its last step is early enough for the last checkpoint and the last validation to be done in time, and a
    run that goes on has what was left.

    `OptionError` where `last.pt` belongs to another recipe or other data, `validation` has no pairs, or there is no
    such device; `Error` where a file can't be written.
    """
    if not validation.of_kind("pairs").any():
        raise OptionError("no pictures with masks are held out to judge the run by; give more with --data")
    keep_freed_memory()  # on a CPU, handing every step's memory back costs a sixth of the time
    fabric = _launch(device)
    out.mkdir(parents=True, exist_ok=True)
    if fabric.global_rank == 0:
        remove_left_overs(out)
    module = checkpoint.build(recipe)
    module.load_state_dict(init)
    state = _resume(recipe, out, module, train)
    if state.finished:
        log.info("%s: finished, after %s samples; for another run choose another folder", out, f"{state.samples:,}")
        return
    schedule = Schedule(recipe, spent=state.seconds, begun=begun, clock=clock)
    module.to(memory_format=torch.channels_last)  # type: ignore[call-overload] # PyTorch's types leave it out
    model, optimiser = fabric.setup(module, torch.optim.AdamW(_groups(module, recipe), foreach=True))
    if state.optimiser is not None:
        optimiser.load_state_dict(state.optimiser)
    state.averaged = {name: tensor.to(fabric.device) for name, tensor in state.averaged.items()}
    train, validation = train.to(fabric.device), validation.to(fabric.device)

    def save(*, finished: bool = False) -> float:
        """Write `last.pt`, in one process, and return the time it is then."""
        state.module, state.optimiser = module.state_dict(), optimiser.state_dict()
        state.seconds, state.finished = schedule.seconds, finished
        if fabric.global_rank == 0:
            state.save(out / "last.pt")
        return time.monotonic()

    stage, bank, epoch, saved = None, train, Epoch(state.samples), time.monotonic()
    total = recipe.samples if recipe.minutes is None else None
    bar = tqdm(total=total, initial=state.samples, unit="sample", disable=fabric.global_rank > 0, mininterval=1.0)
    with interrupt_event() as stop:
        while True:
            # one process's clock decides for all of them
            progress, stopped = fabric.broadcast((schedule.progress(state.samples), stop.is_set()))
            if stopped:
                save()
                raise KeyboardInterrupt
            if progress >= 1:
                break
            current = recipe.stage_at(progress)
            if stage is None or stage != current:
                stage, bank = current, train.resized(int(current.size * recipe.sharpness))
            # a step's random numbers depend on nothing but its number, so a resumed run draws the same samples
            torch.manual_seed(_seed(recipe.seed, state.step, fabric.global_rank))
            sizes = augment.batch_sizes(stage)
            size = sizes[state.step % len(sizes)]
            batch = _samples(recipe, bank, stage.batch // fabric.world_size, size)
            for group in optimiser.param_groups:
                group["lr"] = learning_rate(recipe, progress) * group["rate"]

            inputs = normalise(batch.images).contiguous(memory_format=torch.channels_last)
            if recipe.clicks is not None:
                inputs = clicks.simulate(model, inputs, batch, recipe.clicks)
            logits = model(inputs)  # (B, 1, H, W)
            loss = losses.total(logits.float(), batch.alphas, batch.known, recipe.losses)
            optimiser.zero_grad()
            fabric.backward(loss)
            fabric.clip_gradients(model, optimiser, max_norm=GRADIENT_NORM, error_if_nonfinite=False)
            optimiser.step()
            _average(state.averaged, module.state_dict(), recipe.ema, state.step)
            before = state.samples
            state.step, state.samples = state.step + 1, state.samples + stage.batch

            epoch.add(loss.detach())
            bar.update(stage.batch)
            if epoch.steps % 10 == 0:  # reading the loss waits for the device
                bar.set_postfix(loss=f"{epoch.mean:.4f}", size=stage.size, refresh=False)
                schedule.reserve = _seconds_of_validation(recipe, stage, epoch.rate(state.samples), len(validation))
            if recipe.epoch and state.samples // recipe.epoch > before // recipe.epoch:
                _judge(recipe, state, validation, fabric, out, epoch.row(state.samples, stage.size))
                epoch = Epoch(state.samples)
            if time.monotonic() - saved > (SAVE_EVERY if save_every is None else save_every):
                saved = save()
    bar.close()
    last = recipe.stages[-1] if stage is None else stage
    save()  # whole weights before the time is up, whatever the validation takes
    if not state.history or state.history[-1]["samples"] != state.samples:
        _judge(recipe, state, validation, fabric, out, epoch.row(state.samples, last.size))
    save(finished=True)
    log.info("%s: %s samples in %.1f minutes", out, f"{state.samples:,}", state.seconds / 60)


def _launch(device: Device) -> lightning_fabric.Fabric:
    precision: Any = device.precision  # Fabric's type for its words is private; it refuses others
    try:
        fabric = lightning_fabric.Fabric(
            accelerator=device.accelerator, devices=device.devices, precision=precision, strategy=device.strategy
        )
    except (RuntimeError, TypeError, ValueError) as error:  # a word it doesn't know, or a device that isn't here
        raise OptionError(f"Lightning Fabric can't train so: {one_line(error)}") from error
    fabric.launch()
    return fabric


def _judge(
    recipe: Recipe,
    state: Checkpoint,
    validation: Bank,
    fabric: lightning_fabric.Fabric,
    out: Path,
    row: dict[str, float],
) -> None:
    """Validate, and add a row to the history and the log; keep the best weights so far."""
    row |= validate(recipe, state.averaged, validation, fabric)
    state.history.append(row)
    best = row["iou"] >= state.best
    state.best = max(state.best, row["iou"])
    if fabric.global_rank == 0:
        tqdm.write("  ".join(f"{key} {value:.4g}" for key, value in row.items()))
        history.write(state.history, out)
        if best:
            state.for_use().save(out / "best.pt")


def _seconds_of_validation(recipe: Recipe, stage: Stage, rate: float, pictures: int) -> float:
    """Return an upper estimate: a forward pass takes a third of a training step's time, and half of it is assumed."""
    return _WRITING + 0.5 * pictures / rate * (recipe.stages[-1].size / stage.size) ** 2


def _samples(recipe: Recipe, bank: Bank, count: int, size: tuple[int, int]) -> augment.Batch:
    """Return this number of samples of this size, of the kind that the recipe's network learns from."""
    if recipe.clicks is None:
        return augment.draw(bank, count, size, recipe.augmentation)
    return clicks.draw(bank, count, size, recipe.augmentation, recipe.clicks)


def bank_size(recipe: Recipe) -> int:
    """Return the side of the squares a recipe's bank should have, in pixels."""
    return int(max(stage.size for stage in recipe.stages) * recipe.sharpness)


def _resume(recipe: Recipe, out: Path, module: nn.Module, train: Bank) -> Checkpoint:
    last = out / "last.pt"
    data = [f"{source.name} ({source.kind}), weight {source.weight:g}" for source in train.mixture]
    if not last.is_file():
        return Checkpoint(recipe, {name: tensor.clone() for name, tensor in module.state_dict().items()}, data=data)
    state = Checkpoint.load(last)
    if state.recipe != recipe:
        raise OptionError(f"{last} belongs to another recipe; choose another folder, or the options it began with")
    if state.data and state.data != data:
        other = sorted(set(state.data) ^ set(data))[0]
        raise OptionError(f"{last} learnt from other data, as to {other}; choose another folder, or the same data")
    if state.module is None:
        raise OptionError(f"{last} has no optimiser to go on with; choose another folder")
    module.load_state_dict(state.module)
    return state


def _groups(module: nn.Module, recipe: Recipe) -> list[dict[str, object]]:
    """Return the optimiser's groups: weight decay is for the weights of convolutions, not biases and normalisations.

    The way down may learn slower, where it is pretrained: "rate" is a group's share of the learning rate.
    """
    groups = []
    for encoder in (False, True):
        named = [(name, parameter) for name, parameter in module.named_parameters() if parameter.requires_grad]
        part = [parameter for name, parameter in named if name.startswith(("encoder.", "down.")) == encoder]
        rate = recipe.encoder_rate if encoder else 1.0
        groups.append({"params": [p for p in part if p.ndim > 1], "weight_decay": recipe.weight_decay, "rate": rate})
        groups.append({"params": [p for p in part if p.ndim <= 1], "weight_decay": 0.0, "rate": rate})
    return [group for group in groups if group["params"]]


def _average(averaged: State, current: State, decay: float, step: int) -> None:
    """Move the averaged weights towards the current ones; slower as training goes on."""
    share = 1 - min(decay, (2 + step) / (11 + step))
    moving = [name for name, tensor in averaged.items() if tensor.is_floating_point()]
    torch._foreach_lerp_([averaged[name] for name in moving], [current[name] for name in moving], share)
    for name in averaged.keys() - set(moving):
        averaged[name].copy_(current[name])


def _seed(seed: int, step: int, rank: int) -> int:
    """Return a number for this step of this process: consecutive steps must not share a random stream."""
    return (seed * 1_000_003 + step * 4_099 + rank) & 0x7FFF_FFFF
