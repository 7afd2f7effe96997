import csv
import math
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as PillowImage
from torch import Tensor, nn

from background_remover.errors import ImageError, OptionError
from background_remover.train import checkpoint, fit, history, initial_weights, losses
from background_remover.train.checkpoint import Checkpoint
from background_remover.train.config import Clicks, Recipe, Stage
from background_remover.train.data.dataset import Bank
from background_remover.train.data.decode import Source
from tests.train.conftest import (
    CALM,
    Small,
    bank,
    longest_file,
    numbers,
    pair_folder,
    plain,
    small_recipe,
    squares,
)

CPU = fit.Device(accelerator="cpu", devices=1, precision="32-true")
ALWAYS, NEVER = -1.0, math.inf  # seconds between two checkpoints


DRAW = history.draw


@pytest.fixture(autouse=True)
def without_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The drawing takes longer than all the rest of a small run."""
    monkeypatch.setattr(history, "draw", lambda history, path: None)


class Interrupted(Exception):
    """What stops a run in the middle of a step."""


def train(recipe: Recipe, out: Path, *, data: Bank | None = None) -> Checkpoint:
    """Trains on made-up squares from fresh weights, or goes on, and gives the last checkpoint."""
    fit.fit(recipe, data or squares(8), squares(4), out, initial_weights.fresh(recipe), CPU)
    return Checkpoint.load(out / "last.pt")


def watch(patch: pytest.MonkeyPatch, before: Callable[[int], None] = lambda step: None) -> list[float]:
    """The list that the loss of every step is going to be added to; `before` is called with the number of each."""
    seen: list[float] = []
    true = losses.total

    def total(*arguments) -> Tensor:
        before(len(seen))
        loss = true(*arguments)
        seen.append(loss.item())
        return loss

    patch.setattr(losses, "total", total)
    return seen


def train_until(recipe: Recipe, out: Path, saved: int, killed: int, kill: Callable[[], None]) -> None:
    """A run that writes a checkpoint after each of the first `saved` steps and is killed in the step `killed`."""
    with pytest.MonkeyPatch.context() as patch:

        def before(step: int) -> None:
            patch.setattr(fit, "SAVE_EVERY", ALWAYS if step < saved else NEVER)
            if step == killed:
                kill()

        watch(patch, before)
        train(recipe, out)


def interrupt() -> None:
    raise Interrupted


def equal(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def assert_goes_on_as_if_nothing_had_been(
    recipe: Recipe, folder: Path, saved: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compares a run resumed in `folder` from the step `saved` with an uninterrupted one, number by number."""
    seen = watch(monkeypatch)
    whole = train(recipe, folder / "whole")
    wanted = seen[saved:]
    seen.clear()
    torch.manual_seed(12345)  # what the process drew before is of no account
    resumed = train(recipe, folder / "killed")
    assert seen == wanted
    assert equal(resumed.averaged, whole.averaged)
    assert equal(resumed.module, whole.module)
    assert (resumed.step, resumed.samples, resumed.best) == (whole.step, whole.samples, whole.best)
    assert [row["iou"] for row in resumed.history] == [row["iou"] for row in whole.history]


@pytest.mark.parametrize(
    ("saved", "killed"),
    [(1, 1), (2, 3), (4, 4), (3, 6), (5, 7)],
    ids=["at once", "first stage", "between the stages", "across the stages", "second stage"],
)
def test_a_resumed_run_has_the_losses_of_an_uninterrupted_one(small, tmp_path, monkeypatch, saved, killed):
    with pytest.raises(Interrupted):
        train_until(small, tmp_path / "killed", saved, killed, interrupt)
    assert Checkpoint.load(tmp_path / "killed" / "last.pt").step == saved
    assert_goes_on_as_if_nothing_had_been(small, tmp_path, saved, monkeypatch)


def die_in_step_six(out: Path) -> None:
    """Runs in a process of its own, which doesn't outlive it."""
    torch.set_num_threads(1)  # as here: sums in another order would differ in their last bits
    checkpoint.MODULES["small"] = lambda recipe: Small(recipe.dropout)
    train_until(small_recipe(), out, 3, 6, lambda: os.kill(os.getpid(), signal.SIGKILL))


def test_a_killed_process_loses_nothing_but_the_steps_since_its_checkpoint(small, tmp_path, monkeypatch):
    process = multiprocessing.get_context("spawn").Process(target=die_in_step_six, args=(tmp_path / "killed",))
    process.start()
    process.join(timeout=120)
    assert process.exitcode == -signal.SIGKILL
    assert_goes_on_as_if_nothing_had_been(small, tmp_path, 3, monkeypatch)


def test_a_run_that_dies_while_it_writes_goes_on_from_the_checkpoint_before(small, tmp_path, monkeypatch):
    with pytest.raises(Interrupted):
        train_until(small, tmp_path / "killed", 3, 3, interrupt)
    (tmp_path / "killed" / ".0123456789abcdef.part").write_bytes(b"half a checkpoint")
    assert_goes_on_as_if_nothing_had_been(small, tmp_path, 3, monkeypatch)
    assert not list((tmp_path / "killed").glob(".*"))


def test_a_finished_run_is_left_alone(small, tmp_path, monkeypatch):
    train(small, tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    seen = watch(monkeypatch)
    train(small, tmp_path)
    assert not seen
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_saves_and_goes_on(small, tmp_path, monkeypatch, number):
    with pytest.MonkeyPatch.context() as patch:
        watch(patch, lambda step: signal.raise_signal(number) if step == 2 else None)
        with pytest.raises(KeyboardInterrupt):
            train(small, tmp_path / "killed")
    assert Checkpoint.load(tmp_path / "killed" / "last.pt").step == 3  # the step in hand is done
    assert_goes_on_as_if_nothing_had_been(small, tmp_path, 3, monkeypatch)


class Watch:
    """A clock that moves on by a second with every step."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def step(self, number: int) -> None:
        self.now += 1.0


def timed(recipe: Recipe, out: Path, clock: Watch) -> Checkpoint:
    fit.fit(recipe, squares(8), squares(4), out, initial_weights.fresh(recipe), CPU, clock=clock)
    return Checkpoint.load(out / "last.pt")


def test_a_run_of_minutes_follows_the_clock(small, tmp_path, monkeypatch):
    clock, rates = Watch(), []  # a rate for each of two groups of parameters
    monkeypatch.setattr(fit, "_seconds_of_validation", lambda *_: 0.0)
    monkeypatch.setattr(fit, "learning_rate", lambda recipe, progress: rates.append(progress) or 1e-3)
    sizes = []
    true = fit.augment.draw
    monkeypatch.setattr(fit.augment, "draw", lambda *given: sizes.append(max(given[2])) or true(*given))
    watch(monkeypatch, clock.step)
    state = timed(replace(small, minutes=20 / 60, epoch=0), tmp_path, clock)
    assert rates[::2] == pytest.approx([step / 20 for step in range(20)], abs=0.002)
    assert sizes == [32] * 10 + [64] * 10
    assert (state.samples, state.seconds, state.finished) == (80, 20.0, True)
    assert [row["samples"] for row in state.history] == [80]  # validation is left to the end


def test_a_run_of_minutes_leaves_time_for_the_last_validation(small, tmp_path, monkeypatch):
    clock = Watch()
    monkeypatch.setattr(fit, "_seconds_of_validation", lambda *_: 5.0)
    watch(monkeypatch, clock.step)
    state = timed(replace(small, minutes=20 / 60, epoch=0), tmp_path, clock)
    assert state.seconds == pytest.approx(15, abs=1)


def test_the_time_of_a_validation_is_guessed_from_that_of_a_step(small):
    small_stage, last = small.stages  # 32 and 64 pixels
    assert fit._seconds_of_validation(small, last, rate=10.0, pictures=100) == fit._WRITING + 5
    assert fit._seconds_of_validation(small, small_stage, rate=10.0, pictures=100) == fit._WRITING + 20


def test_a_run_of_minutes_goes_on_with_the_time_that_was_left(small, tmp_path, monkeypatch):
    clock = Watch()
    monkeypatch.setattr(fit, "_seconds_of_validation", lambda *_: 0.0)
    run = replace(small, minutes=20 / 60, epoch=0)

    def stop_in_step_seven(step: int) -> None:
        clock.step(step)
        if step == 7:
            signal.raise_signal(signal.SIGINT)

    with pytest.MonkeyPatch.context() as patch:
        watch(patch, stop_in_step_seven)
        with pytest.raises(KeyboardInterrupt):
            timed(run, tmp_path, clock)
    assert Checkpoint.load(tmp_path / "last.pt").seconds == 8
    clock.now += 1000  # between the sessions
    steps = watch(monkeypatch, clock.step)
    state = timed(run, tmp_path, clock)
    assert len(steps) == 12
    assert (state.samples, state.seconds) == (80, 20)


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of a file's length here")
def test_a_full_disk_is_one_line_that_names_the_file(small, tmp_path, monkeypatch):
    monkeypatch.setattr(fit, "SAVE_EVERY", ALWAYS)
    with longest_file(10_000), pytest.raises(ImageError, match=r"last\.pt: can't be written \(File too large\)"):
        train(small, tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_seed_decides_the_run(small, tmp_path, monkeypatch):
    seen = watch(monkeypatch)
    for number, seed in enumerate((0, 0, 1)):
        train(replace(small, seed=seed), tmp_path / str(number))
    one, again, other = seen[:8], seen[8:16], seen[16:]
    assert one == again
    assert all(a != b for a, b in zip(one, other, strict=True))


def test_every_step_draws_its_own_samples(small, tmp_path, monkeypatch):
    seen = watch(monkeypatch)
    train(replace(small, learning_rate=0.0, dropout=0.0), tmp_path)  # nothing but the samples changes
    assert len(set(seen)) == len(seen) == 8


def test_other_data_are_refused(small, tmp_path):
    train(small, tmp_path)
    others = squares(8)
    other = Bank(others.tiles, others.aspects, others.sources, (Source(Path("elsewhere"), weight=2.0),))
    with pytest.raises(OptionError, match=r"last\.pt learnt from other data, as to elsewhere \(pairs\), weight 2"):
        train(small, tmp_path, data=other)


@pytest.mark.parametrize("change", [{"seed": 1}, {"samples": 64}, {"learning_rate": 0.1}])
def test_a_folder_of_another_recipe_is_refused(small, tmp_path, change):
    train(small, tmp_path)
    before = (tmp_path / "last.pt").read_bytes()
    with pytest.raises(OptionError, match=r"last\.pt belongs to another recipe; choose another folder"):
        train(replace(small, **change), tmp_path)
    assert (tmp_path / "last.pt").read_bytes() == before


def test_a_checkpoint_for_use_is_nothing_to_go_on_from(small, tmp_path):
    train(small, tmp_path)
    (tmp_path / "best.pt").replace(tmp_path / "last.pt")
    with pytest.raises(OptionError, match=r"last\.pt has no optimiser to go on with"):
        train(small, tmp_path)


def test_the_loss_falls_on_what_is_easily_learnt(small, tmp_path, monkeypatch):
    seen = watch(monkeypatch)
    easy = replace(small, samples=320, stages=(Stage(32, 1.0, 8),), learning_rate=2e-2, ema=0.9, augmentation=CALM)
    state = train(easy, tmp_path)
    assert np.mean(seen[-5:]) < 0.3 * np.mean(seen[:5])
    assert state.history[-1]["iou"] > 0.8  # the whole picture taken for the subject would have 0.25


def test_the_log_has_a_row_for_every_epoch_and_the_best_is_kept(small, tmp_path, monkeypatch):
    scores = iter([0.5, 0.75, 0.25])
    monkeypatch.setattr(fit, "validate", lambda *_: {"iou": next(scores), "iou_made-up": 0.125})
    three = replace(small, samples=48, stages=(Stage(32, 1.0, 4),))
    last, best = train(three, tmp_path), Checkpoint.load(tmp_path / "best.pt")
    with (tmp_path / "log.csv").open(encoding="utf-8", newline="") as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    assert [row["samples"] for row in rows] == [16, 32, 48]
    assert [row["iou"] for row in rows] == [0.5, 0.75, 0.25]
    assert [row["iou_made-up"] for row in rows] == [0.125] * 3
    assert all(row["rate"] > 0 for row in rows)
    assert rows == last.history
    assert (last.step, last.samples, last.best) == (12, 48, 0.75)
    assert (best.step, best.samples, best.best) == (8, 32, 0.75)
    assert not equal(best.averaged, last.averaged)


def test_the_logged_loss_is_the_mean_of_the_epochs_steps(small, tmp_path, monkeypatch):
    seen = watch(monkeypatch)
    history = train(small, tmp_path).history
    assert [row["loss"] for row in history] == pytest.approx([np.mean(seen[:4]), np.mean(seen[4:])])
    assert [row["size"] for row in history] == [32, 64]


def test_a_run_leaves_whole_files_and_a_drawing(small, tmp_path, monkeypatch):
    monkeypatch.setattr(history, "draw", DRAW)
    train(small, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"last.pt", "best.pt", "log.csv", "curves.png"}
    with PillowImage.open(tmp_path / "curves.png") as drawing:
        drawing.verify()


def test_the_averaged_weights_follow_the_current_ones(small, tmp_path, monkeypatch):
    monkeypatch.setattr(fit, "SAVE_EVERY", ALWAYS)
    saved: list[Checkpoint] = []
    save = Checkpoint.save

    def save_and_load(state: Checkpoint, path: Path) -> None:
        save(state, path)
        if path.name == "last.pt":
            saved.append(Checkpoint.load(path))

    monkeypatch.setattr(Checkpoint, "save", save_and_load)
    recipe = replace(small, ema=0.3)
    train(recipe, tmp_path)
    before = initial_weights.fresh(recipe)
    for step, state in enumerate(saved[:8]):
        decay = min(0.3, (2 + step) / (11 + step))
        for name in before:
            if before[name].is_floating_point():
                wanted = decay * before[name] + (1 - decay) * state.module[name]
                torch.testing.assert_close(state.averaged[name], wanted, rtol=1e-5, atol=1e-6)
            else:
                assert torch.equal(state.averaged[name], state.module[name])
        before = state.averaged
    assert [state.step for state in saved] == [*range(1, 9), 8, 8]  # before and after the last validation too
    assert [state.finished for state in saved] == [False] * 9 + [True]


class Encoded(nn.Sequential):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Conv2d(3, 4, 3, padding=1)
        self.head = nn.Conv2d(4, 1, 1)


@pytest.mark.parametrize(("rate", "moves"), [(0.0, False), (0.5, True)])
def test_a_pretrained_encoder_learns_at_a_rate_of_its_own(small, tmp_path, monkeypatch, rate, moves):
    monkeypatch.setitem(checkpoint.MODULES, "small", lambda _: Encoded())
    run = replace(small, encoder_rate=rate)
    before, after = initial_weights.fresh(run), train(run, tmp_path).module
    assert all(torch.equal(before[name], after[name]) is not moves for name in before if name.startswith("encoder."))
    assert all(not torch.equal(before[name], after[name]) for name in before if name.startswith("head."))


class Clicked(nn.Module):
    """Sees a picture and the planes of prompts; takes what is bright for the subject where a click is on it."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(7, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 1, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)


def clicked(recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> Recipe:
    monkeypatch.setitem(checkpoint.MODULES, "clicked", lambda _: Clicked())
    return replace(recipe, module="clicked", clicks=Clicks())


def test_a_click_network_learns_from_simulated_ones(small, tmp_path, monkeypatch):
    seen = watch(monkeypatch)
    stages = (Stage(32, 1.0, 8),)
    easy = replace(clicked(small, monkeypatch), samples=480, stages=stages, learning_rate=1e-2, augmentation=CALM)
    train(easy, tmp_path, data=squares(8))
    assert np.mean(seen[-10:]) < 0.7 * np.mean(seen[:10])


def test_a_resumed_run_of_clicks_has_the_losses_of_an_uninterrupted_one(small, tmp_path, monkeypatch):
    run = clicked(small, monkeypatch)
    with pytest.raises(Interrupted):
        train_until(run, tmp_path / "killed", 3, 4, interrupt)
    assert_goes_on_as_if_nothing_had_been(run, tmp_path, 3, monkeypatch)


def test_without_pairs_there_is_nothing_to_judge_a_run_by(small, tmp_path):
    grounds = bank([plain((9, 9, 9))], [np.zeros((32, 32), np.uint8)], mixture=[Source(Path("a"), "backgrounds")])
    with pytest.raises(OptionError, match="no pictures with masks are held out"):
        fit.fit(small, squares(8), grounds, tmp_path, initial_weights.fresh(small), CPU)


@pytest.mark.parametrize(
    ("device", "word"),
    [
        (fit.Device("abacus"), "abacus"),
        (fit.Device("cpu", devices="many"), "devices"),
        (fit.Device("cpu", precision="33-true"), "33-true"),
    ],
)
def test_a_device_that_is_not_there_is_an_error_of_one_line(small, tmp_path, device, word):
    with pytest.raises(OptionError, match=f"Lightning Fabric can't train so: .*{word}"):
        fit.fit(small, squares(8), squares(4), tmp_path / "out", initial_weights.fresh(small), device)
    assert not (tmp_path / "out").exists()


TWO_PROCESSES = """
import os, sys
import torch
from background_remover.train import __main__, checkpoint
from background_remover.train.data import augment
from tests.train.conftest import Small

built, drawn, draw = [], [], augment.draw

def build(recipe):
    built.append(Small(recipe.dropout))
    return built[-1]

def draw_and_note(*arguments):
    batch = draw(*arguments)
    drawn.append(batch.images.clone())
    return batch

checkpoint.MODULES["unet"] = build
augment.draw = draw_and_note
status = __main__.main()
trained = next(module for module in built if module.training and any(p.grad is not None for p in module.parameters()))
out = sys.argv[sys.argv.index("--out") + 1]
weights = {name: parameter.detach() for name, parameter in trained.named_parameters()}
torch.save({"weights": weights, "drawn": drawn}, f"{out}/process{os.environ.get('LOCAL_RANK', 0)}.pt")
sys.exit(status)
"""


def test_two_processes_train_one_network(tmp_path):
    """Each process draws half of every batch for itself; the weights stay the same in both."""
    pair_folder(tmp_path / "data", [f"square {number}" for number in range(12)], size=96)
    script, out = tmp_path / "two_processes.py", tmp_path / "out"
    script.write_text(TWO_PROCESSES, encoding="utf-8")
    words = (
        f"fit --recipe tiny --data {tmp_path / 'data'} --out {out} --accelerator cpu --devices 2 --precision 32-true"
    )
    root = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, script, *words.split()],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(root), *sys.path]), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    one, other = (torch.load(out / f"process{rank}.pt", weights_only=True) for rank in (0, 1))
    assert equal(one["weights"], other["weights"])
    assert len(one["drawn"]) == len(other["drawn"]) == 8
    assert all(len(batch) == 2 for batch in one["drawn"] + other["drawn"])
    assert not any(torch.equal(a, b) for a, b in zip(one["drawn"], other["drawn"], strict=True))

    last = Checkpoint.load(out / "last.pt")
    assert (last.step, last.samples) == (8, 32)
    assert [row["samples"] for row in last.history] == [16, 32]
    assert all(tensor.isfinite().all() for tensor in numbers(last.averaged))
    assert all(torch.equal(last.module[name], weight) for name, weight in one["weights"].items())
