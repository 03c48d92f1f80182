"""The training loop as one writes it by hand with Gluon, and no more."""

from fdl import seeding
from fdl._mxnet import autograd, gluon, np, npx


def train(net, batches, loss, optimizer, epochs, seed, mean=False):
    """Train a net; return the mean loss of every minibatch."""
    seeding.seed_all(seed)
    net.initialize()
    net(np.array(next(iter(batches.epoch(0)))[0][:1]))  # shapes
    trainer, losses = gluon.Trainer(net.collect_params(), optimizer), []
    for epoch in range(epochs):
        seeding.seed_all(seeding.derive(seed, "epoch", epoch + 1))
        for x, y in batches.epoch(epoch):
            x, y = np.array(x), np.array(y)
            with autograd.record():
                value = loss(net(x), y)
            value.backward()
            trainer.step(1 if mean else len(y))
            losses.append(float(value.mean()))
    npx.waitall()
    return losses
