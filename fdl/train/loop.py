"""The training loop."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Optional

from fdl._mxnet import autograd
from fdl.train.history import History
from fdl.train.run import Run

__all__ = ["fit"]


def fit(
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
) -> History:
    """Train a network by minibatches.

    Parameters
    ----------
    net : gluon.Block
        The network. Parameters without values get their initial ones; those
        that have some are trained on from there.
    batches : Minibatches or iterable of (x, y)
        The minibatches of an epoch. If it has a method ``epoch``, epoch
        number e (from 0) is ``batches.epoch(e)``. A network of several inputs
        gets a tuple as x. Float64 is taken as float32.
    loss : callable
        Called with (output, y); gives each example's loss `(B,)`, or their
        mean as one number. Where it takes classes, as
        :func:`fdl.nn.cross_entropy` and Gluon's do, labels must number some.
    optimizer : mx.optimizer.Optimizer or str
        The update rule, or Gluon's name for one. The run works on a copy.
    epochs : int
        How often to pass over the data, counted from the run's first start.
    validation : like `batches`, optional
        Measured after each epoch.
    metrics : sequence of str or Metric
        ``"accuracy"``, ``"error"``, ``"cross_entropy"`` or your own; taken on
        the minibatches as they pass, and on `validation`.
    callbacks : sequence
        Objects with any of the hooks ``on_fit_begin``, ``on_epoch_begin``,
        ``on_batch_end``, ``on_epoch_end``, ``on_fit_end``, each of which is
        handed the run; ``run.stop("reason")`` ends it.
    checkpoint : path or Checkpoints, optional
        The folder in which each epoch is saved.
    resume : bool
        Continue from the last good checkpoint, if there is one. The result is
        that of a run never interrupted: on a CPU, to the last bit.
    device : None, str, Context or a list of these
        Where to train; None is the best device there is. Several share each
        minibatch.
    seed : int, optional
        Decides everything that is left to chance here; drawn from NumPy's
        global generator if not given.
    hybridize : bool
        Whether a hybrid network is compiled; it stays so afterwards.
    clip : float, optional
        How long a step's gradient may be, all parameters taken together; see
        :func:`fdl.train.clip_by_norm`.

    Returns
    -------
    History
        The curves. An exception that ends a run, Ctrl-C included, carries it
        as ``exception.history``.

    Raises
    ------
    TrainingDiverged
        The loss or a parameter is not finite any more, or the loss is a
        million times the first; on `validation`, the loss is not finite or a
        metric is NaN.

    Examples
    --------
    >>> import numpy as onp
    >>> from fdl import data, nn
    >>> x = onp.linspace(-1, 1, 100).reshape(50, 2)
    >>> y = (x[:, 0] > 0).astype(int)
    >>> net = nn.FeedForward((2, 8, 2))
    >>> history = fit(
    ...     net, data.Minibatches(x, y, 10), loss=nn.cross_entropy,
    ...     optimizer="adam", epochs=3, metrics=["error"], seed=0)
    >>> history.epochs, history.steps, sorted(history)
    (3, 15, ['error', 'loss'])
    >>> history["loss"][-1] < history["loss"][0]
    True
    """
    run = Run(
        net,
        batches,
        loss=loss,
        optimizer=optimizer,
        epochs=epochs,
        validation=validation,
        metrics=metrics,
        callbacks=callbacks,
        checkpoint=checkpoint,
        resume=resume,
        device=device,
        seed=seed,
        hybridize=hybridize,
        clip=clip,
    )
    try:
        run.call("on_fit_begin")
        while run.epoch < run.epochs and not run.stopped:
            for x, y in run.begin_epoch():
                with autograd.record():
                    batch = run.forward(x, y)
                batch.backward()
                run.trainer.step_towers(batch)
                run.end_batch(batch)
                if run.stopped:
                    break
            run.end_batches()
            if not run.stopped:
                run.end_epoch()
    except BaseException as error:
        error.history = run.history  # type: ignore[attr-defined]
        raise
    finally:
        run.finish()
    return run.history
