"""The state of a training run, which its callbacks see and its loop moves."""

from __future__ import annotations

import contextlib
import copy
import math
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Optional

import numpy as onp

from fdl import device as devices_
from fdl import seeding
from fdl._mxnet import mx, np, npx
from fdl.errors import TrainingDiverged, must
from fdl.scratch._checks import positive
from fdl.train import checks, faults, hooks, inference
from fdl.train.checkpoint import Checkpoints
from fdl.train.distributed import Batch, Trainer
from fdl.train.history import History
from fdl.train.identity import fingerprints
from fdl.train.metrics import Mean, choose
from fdl.train.objective import Objective
from fdl.train.parameters import average, check_fit, named_parameters, place

__all__ = ["DIVERGED", "Run"]

# A minibatch's loss so many times the first one's (or so many, where that was
# below 1) is not coming back.
DIVERGED = 1e6


class Run:
    """A training run, as callbacks get it.

    Attributes
    ----------
    net : gluon.Block
        The network.
    trainer : Trainer
        ``run.trainer.optimizer`` is the working optimizer, a copy of the one
        given.
    history : History
        What has been measured so far.
    devices : list of Context
        Where the run computes. Like ``run.batches``, ``run.validation``,
        ``run.metrics`` and ``run.seed`` it is what :func:`fdl.train.fit` was
        given, in its final form.
    epoch : int
        The epoch at work, from 1; 0 before the first. It counts on when a run
        is resumed.
    step : int
        The last minibatch trained on, counted likewise.
    epochs : int
        The number of epochs asked for.
    stopped : str or None
        Why the run is to end early.
    example : (tuple of arrays, array)
        The first minibatch, on the host.

    Examples
    --------
    A callback that ends the run once the loss of a minibatch is small:

    >>> from fdl import data, nn, train
    >>> class Enough(train.Callback):
    ...     def on_batch_end(self, run):
    ...         if run.batch_loss < 1.0:
    ...             run.stop(f"enough after {run.step} of {len(run.batches)}")
    >>> toy = data.Minibatches(onp.zeros((6, 1)), onp.zeros(6), 2)
    >>> history = train.fit(
    ...     nn.FeedForward((1, 2)), toy, loss=nn.cross_entropy,
    ...     optimizer="sgd", epochs=9, callbacks=[Enough()], seed=0)
    >>> history.stopped
    'enough after 1 of 3'
    """

    def __init__(
        self,
        net: Any,
        batches: Any,
        *,
        loss: Any,
        optimizer: Any,
        epochs: int,
        validation: Any = None,
        metrics: Any = (),
        callbacks: Iterable[Any] = (),
        checkpoint: Any = None,
        resume: bool = False,
        device: Any = None,
        seed: Optional[int] = None,
        hybridize: bool = True,
        clip: Optional[float] = None,
    ) -> None:
        checks.network(net)
        checks.loss(loss)
        self.epochs = checks.whole("epochs", epochs)
        self.metrics = choose(metrics)
        self.callbacks = hooks.choose(callbacks)
        # callers may use their optimizer again: this run changes a copy
        self.optimizer = copy.deepcopy(checks.optimizer(optimizer))
        self.devices = devices_.resolve(device)
        self.clip = None if clip is None else positive("clip", clip)
        self.seed_given = seed is not None
        if seed is None:
            seed = int(onp.random.randint(2**31))
        self.seed = seeding.check(seed)
        self.example = checks.batches("batches", batches)
        checks.inputs(net, "batches", self.example[0])
        if hasattr(net, "check_input"):
            net.check_input(*self.example[0])
        if validation is not None:
            checks.batches("validation", validation)
        if resume and checkpoint is None:
            raise must("resume", resume, "come with a folder in `checkpoint`")
        if checkpoint is not None and not isinstance(checkpoint, Checkpoints):
            checkpoint = Checkpoints(checks.path("checkpoint", checkpoint))
        self.net, self.loss = net, loss
        self.batches, self.validation = batches, validation
        self.checkpoints: Optional[Checkpoints] = checkpoint
        self._hooks = hooks.of(self.callbacks)
        self.history = History(self.seed)
        self.epoch = self.step = 0
        self.stopped: Optional[str] = None
        self._batch: Optional[Batch] = None
        for callback in self.callbacks:
            if hasattr(callback, "check"):
                callback.check(self)
        self.fingerprints = {} if checkpoint is None else fingerprints(self)
        self._build(hybridize)
        if self.checkpoints is not None:
            self.checkpoints.begin(self, resume)
        self._clock = time.perf_counter() - self.history.seconds

    def _build(self, hybridize: bool) -> None:
        """Place the parameters, start those that wait, make the trainer."""
        seeding.seed_all(self.seed)
        self._named = named_parameters(self.net, self.loss)
        if all(p.grad_req == "null" for p in self._named.values()):
            how = "all are frozen" if self._named else "it has none"
            raise ValueError(
                f"`net` (={type(self.net).__name__}) must have a parameter to "
                f"train; {how}."
            )
        place(list(self._named.values()), self.devices)
        self._objective = Objective(
            self.net, self.loss, self.metrics, self.devices
        )
        if any(p._data is None for p in self._named.values()):
            self._objective.start(*self.example)
        if hybridize:
            self._objective.compile()
        self.trainer = Trainer(
            list(self._named.values()), self.optimizer, self.clip
        )

    # -- what callbacks may use

    def stop(self, reason: str) -> None:
        """End the run after this minibatch, or this epoch's callbacks."""
        self.stopped = self.history.stopped = str(reason) or "for no reason"

    @property
    def batch_loss(self) -> float:
        """Mean loss of the minibatch just trained on; reading it waits."""
        if self._batch is None:
            raise RuntimeError("`batch_loss` is there after the first batch.")
        return self._batch.loss

    @property
    def curves(self) -> tuple[str, ...]:
        """The names that the history will have."""
        names = ["loss", *(metric.name for metric in self.metrics)]
        if self.validation is not None:
            names += [f"validation_{name}" for name in names]
        return tuple(names)

    def parameters(self) -> dict[str, onp.ndarray]:
        """Return a copy of every parameter, running statistics included."""
        npx.waitall()
        return {
            name: parameter.list_data()[0].asnumpy()
            for name, parameter in self._named.items()
        }

    def set_parameters(self, values: Mapping[str, onp.ndarray]) -> None:
        """Give every parameter the value that :meth:`parameters` returned."""
        check_fit("values", self._named, values)
        for name, parameter in self._named.items():
            value = values[name]
            parameter.set_data(np.array(value, dtype=value.dtype))

    # -- what the loop uses

    def call(self, hook: str) -> None:
        """Call a hook of every callback that has it."""
        for function in self._hooks[hook]:
            function(self)

    def finish(self) -> None:
        """Call the last hook of all callbacks, whatever others raise."""
        self.tick()
        with contextlib.ExitStack() as stack:
            for function in reversed(self._hooks["on_fit_end"]):
                stack.callback(function, self)

    def begin_epoch(self) -> Iterator[inference.Pair]:
        """Count the epoch, seed its chance, and return its minibatches.

        MXNet's generators can be seeded but not read, so every epoch starts
        from a seed of its own: that makes a resumed run exact.
        """
        self.epoch += 1
        seeding.seed_all(seeding.derive(self.seed, "epoch", self.epoch))
        self._loss = Mean()
        self._means = {metric.name: Mean() for metric in self.metrics}
        self._first = self.step
        self.call("on_epoch_begin")
        if self.stopped:
            return iter(())
        return inference.draw("batches", self.batches, self.epoch - 1)

    def forward(self, x: tuple[Any, ...], y: Any) -> Batch:
        """Compute the loss of a minibatch, on all devices."""
        number = self.step - self._first + 1
        try:
            return self._objective("batches", number, x, y)
        except TrainingDiverged as error:
            # a network that looks at its own numbers knows more than we do
            raise TrainingDiverged(
                f"{error} This was in epoch {self.epoch}, batch {number} "
                f"(step {self.step + 1}). {self._advice(self.step + 1)}"
            ) from error

    def end_batch(self, batch: Batch) -> None:
        """Count the step, and read the loss of the one before.

        By now the device has this one to work on, so that it never waits for
        the host.
        """
        late, self._batch = self._batch, batch
        self.step += 1
        if late is not None:
            self._read(late, self.step - 1)
        self.call("on_batch_end")

    def end_batches(self) -> None:
        """Read the epoch's last minibatch."""
        late, self._batch = self._batch, None
        if late is not None:
            self._read(late, self.step)
        elif not self.stopped:
            raise must("batches", self.batches, "hold at least one batch")
        self.history.steps = self.step

    def end_epoch(self) -> None:
        """Enter the epoch in the history, call back, and save."""
        self._refuse_broken_parameters()
        average(list(self._named.values()))
        values = {"loss": self._loss.value}
        values.update({k: mean.value for k, mean in self._means.items()})
        if self.validation is not None:
            found = inference.measure(
                self.net,
                "validation",
                self.validation,
                self.metrics,
                self.devices,
                self.loss,
            )
            values.update({f"validation_{k}": v for k, v in found.items()})
        self.history.add(values)  # type: ignore[arg-type]
        self.tick()
        self.call("on_epoch_end")
        if self.checkpoints is not None:
            self.checkpoints.save(self)

    def tick(self) -> None:
        """Bring the history's wall time up to date."""
        self.history.seconds = time.perf_counter() - self._clock

    def _read(self, batch: Batch, step: int) -> None:
        loss = batch.loss
        history = self.history
        first = history.batch_loss[0] if history.batch_loss else loss
        limit = DIVERGED * max(1.0, abs(first))
        if not math.isfinite(loss) or abs(loss) > limit:
            raise TrainingDiverged(
                f"The loss of epoch {self.epoch}, batch {step - self._first} "
                f"(step {step}) must be a finite number below {limit:.3g}; "
                f"got {loss:.6g}. {self._advice(step)}"
            )
        history.batch_loss.append(loss)
        self._loss.add(loss, batch.size)
        inference.add(batch, self.metrics, self._means)

    def _refuse_broken_parameters(self) -> None:
        """Raise if the epoch's last gradients left numbers that are none."""
        for name, parameter in self._named.items():
            array = parameter.list_data()[0]
            if array.dtype in (onp.float32, onp.float16) and array.size:
                flag = mx.nd.all_finite(array.as_nd_ndarray())
                if not flag.asscalar():
                    raise TrainingDiverged(
                        f"The parameter {name} must be finite after epoch "
                        f"{self.epoch}, batch {self.step - self._first} "
                        f"(step {self.step}); it holds NaN or infinity. "
                        f"{self._advice(self.step)}"
                    )

    def _advice(self, step: int) -> str:
        """Say what to look at when something is wrong after a step."""
        advice = "Try a smaller learning rate, or look at that batch."
        drawn = inference.draw("batches", self.batches, self.epoch - 1)
        found = faults.first_broken(drawn, step - self._first)
        if found is not None:
            advice = f"The {found} holds NaN or infinity."
        if self.checkpoints is not None and self.history.epochs:
            advice += (
                f" The checkpoints in {self.checkpoints.folder} stand, up to "
                f"epoch {self.history.epochs}."
            )
        return advice
