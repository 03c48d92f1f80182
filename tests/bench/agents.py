"""An update of Chapter 9's deep Q-network, by ours and by PyTorch.

Nature's network, 32 transitions of four frames of 84 × 84 bytes, a target
network, Huber's loss, Adam.

``python tests/bench/agents.py`` prints what a single action costs, by a
network on its device and from weights copied to the host, and how many steps
a second are taken in CartPole and in Breakout, with and without learning, in
processor time on one thread.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any, Callable

if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = "1"
    os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np

BATCH, FRAMES, SIZE, ACTIONS, RATE, GAMMA = 32, 4, 84, 3, 1e-4, 0.98
CONVOLUTIONS = ((32, 8, 4), (64, 4, 2), (64, 3, 1))
STEPS, ROUNDS, CHECKED = 5, 15, 5
TITLE = "DQN, 32 transitions of 84 × 84 × 4: one update"


def agent() -> Any:
    """Return our agent."""
    from gymnasium.wrappers import FrameStackObservation

    from fdl import rl

    env = FrameStackObservation(rl.Breakout(scale=4), FRAMES)
    config = rl.dqn.Config(
        learning_rate=RATE, gamma=GAMMA, batch=BATCH, capacity=2000
    )
    return rl.DQN(env, config, device="cpu")


def prepare() -> dict[str, Any]:
    """Return what both sides share: transitions and first weights."""
    rng = np.random.default_rng(0)
    size = (8, BATCH, FRAMES, SIZE, SIZE)
    shared: dict[str, Any] = {
        "seen": rng.integers(0, 256, size).astype("uint8"),
        "following": rng.integers(0, 256, size).astype("uint8"),
        "actions": rng.integers(0, ACTIONS, (8, BATCH)).astype("int64"),
        "rewards": rng.normal(size=(8, BATCH)).astype("float32"),
    }
    for name, p in agent().net._collect_params_with_prefix().items():
        scale = np.sqrt(2 / np.prod(p.shape[1:])) if len(p.shape) > 1 else 0
        shared[name] = rng.normal(0, scale, p.shape).astype("float32")
    return shared


def ours(shared: dict[str, Any], clock: Any) -> None:
    """Let the agent learn from what is handed to it."""
    from fdl._mxnet import np as mxnp
    from fdl.rl.replay import Batch

    made = agent()
    for net in (made.net, made.target):
        for name, p in net._collect_params_with_prefix().items():
            p.set_data(mxnp.array(shared[name]))
    discounts = np.full(BATCH, GAMMA, "float32")
    turn = 0

    def sample(*_: Any, **__: Any) -> Batch:
        k = turn % 8
        return Batch(
            shared["seen"][k],
            shared["actions"][k],
            shared["rewards"][k],
            shared["following"][k],
            discounts,
        )

    made.replay.sample = sample
    for steps in clock:
        for _ in range(steps):
            loss = made._update()
            turn += 1
        clock.stop(loss)


def pytorch(shared: dict[str, Any], clock: Any) -> None:
    """Take the same steps with PyTorch."""
    import torch
    from torch import nn
    from torch.nn import functional as F

    def build() -> Any:
        layers, maps = [], FRAMES
        for count, window, stride in CONVOLUTIONS:
            layers += [nn.Conv2d(maps, count, window, stride), nn.ReLU()]
            maps = count
        layers += [nn.Flatten(), nn.Linear(64 * 7 * 7, 512), nn.ReLU()]
        net = nn.Sequential(*layers, nn.Linear(512, ACTIONS))
        values = [value for name, value in shared.items() if "body" in name]
        with torch.no_grad():
            for p, value in zip(net.parameters(), values):
                p.copy_(torch.from_numpy(value))
        return net

    net, target = build(), build()
    adam = torch.optim.Adam(net.parameters(), lr=RATE)
    turn = 0
    for steps in clock:
        for _ in range(steps):
            k = turn % 8
            x, following, actions, rewards = (
                torch.from_numpy(shared[name][k])
                for name in ("seen", "following", "actions", "rewards")
            )
            with torch.no_grad():
                best = target(following.float() / 255).max(dim=1).values
                y = rewards + GAMMA * best
            q = net(x.float() / 255).gather(1, actions[:, None])[:, 0]
            loss = F.smooth_l1_loss(q, y)
            adam.zero_grad()
            loss.backward()
            adam.step()
            found = loss.item()
            turn += 1
        clock.stop(found)


def microseconds(call: Callable[[], Any], repeats: int) -> float:
    """Return the processor time of a call, least of five means."""
    times = []
    for _ in range(5):
        start = time.process_time()
        for _ in range(repeats):
            call()
        times.append((time.process_time() - start) / repeats)
    return 1e6 * min(times)


def actions() -> dict[str, float]:
    """Return what a single action costs, in microseconds."""
    from fdl import nn, rl
    from fdl._mxnet import np as mxnp

    net = nn.FeedForward((4, 64, 64, 2))
    net.initialize()
    net.hybridize(static_alloc=True, static_shape=True)
    x = np.ones(4, "float32")
    host = rl.HostNet(net)
    found = {
        "network": microseconds(lambda: net(mxnp.array([x])).asnumpy(), 200),
        "host": microseconds(lambda: host(x), 5000),
    }
    try:
        import torch
    except ImportError:
        return found
    layers = [torch.nn.Linear(*s) for s in ((4, 64), (64, 64), (64, 2))]
    relu = torch.nn.ReLU()
    made = torch.nn.Sequential(layers[0], relu, layers[1], relu, layers[2])
    with torch.no_grad():
        found["pytorch"] = microseconds(
            lambda: made(torch.from_numpy(x)).numpy(), 2000
        )
    return found


def steps_a_second() -> dict[str, float]:
    """Return how fast worlds go round, by chance and with agents."""
    import gymnasium

    from fdl import rl

    def chance(env: Any, steps: int = 3000) -> None:
        rng = np.random.default_rng(0)
        env.reset(seed=0)
        for action in rng.integers(env.action_space.n, size=steps):
            *_, ended, cut, _ = env.step(int(action))
            if ended or cut:
                env.reset()

    cartpole, breakout = gymnasium.make("CartPole-v1"), rl.Breakout(scale=4)
    made = rl.PolicyGradient(cartpole, device="cpu")
    made.learn(cartpole, 8)  # the first update builds its graph
    found = {}
    for name, env in (("cartpole", cartpole), ("breakout", breakout)):
        found[name] = 3e9 / microseconds(lambda env=env: chance(env), 1)
    before, start = sum(made.lengths), time.process_time()
    made.learn(cartpole, 200, seed=1)
    seconds = time.process_time() - start
    found["cartpole, learning"] = (sum(made.lengths) - before) / seconds
    return found


if __name__ == "__main__":
    json.dump(
        {"microseconds": actions(), "steps_a_second": steps_a_second()},
        sys.stdout,
        indent=1,
    )
    print()
