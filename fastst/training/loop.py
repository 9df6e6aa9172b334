"""The loop of a training: what it is made of, its steps, and what it saves on the way."""

import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from torch import Tensor

from fastst.data import content_dataset
from fastst.errors import FaststError, UsageError
from fastst.images.pictures import LEAST_FOR_LOSSES
from fastst.images.tensors import read_tensor
from fastst.loss_network import load_loss_network
from fastst.losses.objective import LossTerms, Objective
from fastst.losses.regions import Region, read_style_mask
from fastst.networks.checkpoint import save_checkpoint
from fastst.networks.header import Metadata
from fastst.networks.recolor import take_colors
from fastst.runtime import deferred_interrupt
from fastst.training.balance import Balance
from fastst.training.batches import content_batches
from fastst.training.beginning import begin
from fastst.training.continuing import with_past
from fastst.training.contrast import PHOTOS, match_contrast
from fastst.training.header import checkpoint_header
from fastst.training.monitor import PREVIEW_SIDE, StepReport, TrainingResult, preview_images, write_preview
from fastst.training.optim import EMA, build_optimizers, choose_precision, learning_rate
from fastst.training.processes import (
    Share,
    mean_over_processes,
    naming_a_loss,
    wait_no_longer_than_a_minute,
)
from fastst.training.settings import TrainingSettings
from fastst.training.state import Progress, load_state, save_state, saved_step, state_path
from fastst.training.step import training_terms


class Interrupted(FaststError):
    """Ctrl-C: the state was saved, and the message says how to go on."""

    exit_code = 130


def preview_path(settings: TrainingSettings) -> Path:
    """Where the sheet of previews goes."""
    return settings.output.with_suffix(".preview.png")


class Training:
    """One training of a style, made ready, and run once.

    Args:
        settings: of the training.
        resume: go on from the saved state.
        past: the header of the result that is trained further; None: there is none.

    Raises:
        UsageError: if a state is saved that is not to be resumed, or the settings do not fit together.
        FaststError: if a file cannot be read.
    """

    def __init__(self, settings: TrainingSettings, *, resume: bool, past: Metadata | None) -> None:
        self.settings = settings
        self.past = past
        self.state_file = state_path(settings.output)
        if not resume and (step := saved_step(self.state_file)):
            raise UsageError(
                f"{self.state_file}: a training stopped after step {step} is saved there; "
                "add --resume to continue it, or delete it"
            )
        painting = read_tensor(settings.painting, size=settings.style_size, least=LEAST_FOR_LOSSES)
        style_mask = read_style_mask(settings.style_mask, painting) if settings.style_mask else None
        self.preview_images = preview_images(settings.preview_photos, size=max(settings.size, PREVIEW_SIDE))
        # Another training in this Python process may have used another precision.
        AcceleratorState._reset_state()
        self.accelerator = Accelerator(mixed_precision=choose_precision(settings.precision))
        self.device = self.accelerator.device

        torch.manual_seed(settings.seed)
        self.beginning = begin(settings)
        network = self.beginning.network
        take_colors(network, painting, style_mask)
        network.to(self.device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.ema = EMA(network, decay=settings.ema_decay)
        self.raw_network = network
        self.network = self.accelerator.prepare(network)
        self.optimizers = {
            name: self.accelerator.prepare_optimizer(each)
            for name, each in build_optimizers(
                network, name=settings.optimizer, rate=settings.learning_rate
            ).items()
        }

        with self.accelerator.local_main_process_first():  # one download a machine
            loss_network = load_loss_network(settings.objective.layers, path=settings.loss_network_weights)
        self.painting = painting.to(self.device)
        self.style_mask = None if style_mask is None else style_mask.to(self.device)
        regions = [] if self.style_mask is None else [Region(self.painting, source_mask=self.style_mask)]
        self.objective = Objective(
            loss_network.to(self.device), self.painting, settings.objective, regions=regions
        )
        self.balance = Balance(settings.edges, start=self.beginning.strength)
        self.progress = self._load() if resume else Progress(step=0, seconds=0.0)
        self.objective.strength_factor = self.balance.factor
        world = self.accelerator.num_processes
        self.pictures_per_step = settings.batch * settings.accumulation * world
        self.dataset = content_dataset(
            settings.data,
            size=settings.size,
            seed=settings.seed,
            start=self.progress.step * self.pictures_per_step,
            length=settings.steps * self.pictures_per_step,
            process=self.accelerator.process_index,
            processes=world,
        )

    def run(self, on_step: Callable[[StepReport], None], should_finish: Callable[[], bool]) -> TrainingResult:
        """Train to the end, and write the checkpoint; arguments and errors as ``train_style``."""
        settings, start = self.settings, self.progress
        began = time.monotonic()
        self._save()  # at once, so that a place that cannot be written to is known before the work
        batches = content_batches(
            self.dataset,
            batch=settings.batch,
            batches_before=start.step * settings.accumulation,
            process=self.accelerator.process_index,
            processes=self.accelerator.num_processes,
            device=self.device,
        )
        wait_no_longer_than_a_minute(self.accelerator)
        with deferred_interrupt() as interrupted, naming_a_loss(self.accelerator, self.state_file):
            share, stop = self._agree(interrupted())
            while share < 1:
                terms = self._step(batches, share)
                self.progress = Progress(self.progress.step + 1, start.seconds + time.monotonic() - began)
                self._after_step(terms, began, start, on_step)
                share, stop = self._agree(interrupted(), finish=should_finish())
                if stop:
                    self._save()
                    raise Interrupted(
                        f"stopped after step {self.progress.step}; the state is in {self.state_file}: "
                        "run the same command with --resume to continue"
                    )
        return self._finish()

    def _agree(self, interrupted: bool, *, finish: bool = False) -> tuple[float, bool]:
        """Return the share of the training that is done, by steps or by the clock, and whether to stop.

        Every process must leave the loop at the same step, so they agree on the furthest clock and on
        anybody's Ctrl-C or wish to finish, which makes the share 1.
        """
        share = 1.0 if finish else self._share()
        if self.accelerator.num_processes == 1:
            return share, interrupted
        agreed = self.accelerator.gather(torch.tensor([[share, float(interrupted)]], device=self.device))
        return float(agreed[:, 0].max()), bool(agreed[:, 1].max())

    def _share(self) -> float:
        settings, progress = self.settings, self.progress
        by_clock = progress.seconds / (60 * settings.minutes) if settings.minutes else 0.0
        return max(progress.step / settings.steps, by_clock)

    def _step(self, batches: Iterator[Tensor], share: float) -> LossTerms:
        settings, step = self.settings, self.progress.step
        rate = learning_rate(step=step, progress=share, peak=settings.learning_rate, warm_up=settings.warm_up)
        for optimizer in self.optimizers.values():
            for group in optimizer.param_groups:
                group["lr"] = rate
        for micro in range(settings.accumulation):
            last = micro == settings.accumulation - 1
            with nullcontext() if last else self.accelerator.no_sync(self.network):
                terms, edges = self._losses(next(batches), draw=step * settings.accumulation + micro)
                self.accelerator.backward(terms.total.mean() / settings.accumulation)
        for optimizer in self.optimizers.values():
            optimizer.step()
            optimizer.zero_grad()
        self.ema.update(self.raw_network, step=step)
        self.balance.observe(self.accelerator.gather(edges))
        self.objective.strength_factor = self.balance.factor
        return terms

    def _losses(self, content_image: Tensor, *, draw: int) -> tuple[LossTerms, Tensor]:
        entropy = [self.settings.seed, draw, 0]  # the same in every process, each of which takes its share
        seed = int(np.random.SeedSequence(entropy).generate_state(1)[0])
        generator = torch.Generator().manual_seed(seed)
        with self.accelerator.autocast():
            return training_terms(
                self.network,
                self.objective,
                content_image,
                temporal_weight=self.settings.temporal_weight,
                generator=generator,
                share=Share.of(self.accelerator, len(content_image)),
            )

    def _after_step(
        self,
        terms: LossTerms,
        began: float,
        start: Progress,
        on_step: Callable[[StepReport], None],
    ) -> None:
        settings, progress = self.settings, self.progress
        means = mean_over_processes(self.accelerator, terms.means)
        if not means["total"] < float("inf"):
            raise FaststError(
                f"step {progress.step}: the loss is no longer a number; "
                "try --precision fp32 or a lower --learning-rate"
            )
        if self.accelerator.is_main_process:
            done = (progress.step - start.step) * self.pictures_per_step
            rate = done / max(time.monotonic() - began, 1e-9)
            on_step(StepReport(progress.step, settings.steps, progress.seconds, self._share(), rate, means))
        if progress.step % settings.save_every == 0:
            self._save()
        if settings.preview_every and progress.step % settings.preview_every == 0:
            self._preview()

    def _preview(self) -> None:
        if self.accelerator.is_main_process:
            write_preview(preview_path(self.settings), self.preview_images, self.ema.network)

    def _finish(self) -> TrainingResult:
        settings = self.settings
        # The training's own first images, drawn again: the same ones, however often it was resumed.
        photos = content_dataset(
            settings.data, size=settings.size, seed=settings.seed, start=0, length=PHOTOS
        )
        first = islice(torch.utils.data.DataLoader(photos, batch_size=None), PHOTOS)
        gain = match_contrast(self.ema.network, self.painting, first, where=self.style_mask)
        metadata = checkpoint_header(
            settings,
            architecture=self.beginning.architecture,
            options=self.beginning.options,
            steps=self.progress.step,
            pictures=self.progress.step * self.pictures_per_step,
            strength=self.balance.factor,
            contrast_gain=gain,
        )
        metadata = with_past(metadata, self.past) if self.past else metadata
        self.accelerator.wait_for_everyone()
        if self.accelerator.is_main_process:
            save_checkpoint(settings.output, self.ema.network, metadata)
            self.state_file.unlink(missing_ok=True)
        self.accelerator.wait_for_everyone()
        return TrainingResult(
            checkpoint=settings.output,
            metadata=metadata,
            seconds=self.progress.seconds,
            skipped=dict(getattr(self.dataset, "skipped", {})),
            is_main_process=self.accelerator.is_main_process,
        )

    def _save(self) -> None:
        if self.accelerator.is_main_process:
            save_state(
                self.state_file,
                network=self.raw_network,
                ema=self.ema.network,
                optimizers=self._bare_optimizers(),
                balance=self.balance.state_dict(),
                progress=self.progress,
                settings=self.settings.what_decides_the_result(),
            )

    def _bare_optimizers(self) -> dict[str, torch.optim.Optimizer]:
        return {name: prepared.optimizer for name, prepared in self.optimizers.items()}

    def _load(self) -> Progress:
        progress, balance = load_state(
            self.state_file,
            network=self.raw_network,
            ema=self.ema.network,
            optimizers=self._bare_optimizers(),
            settings=self.settings.what_decides_the_result(),
        )
        if balance:
            self.balance.load_state_dict(balance)
        return progress
