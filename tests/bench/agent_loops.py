"""Whole training loops of a deep Q-network, ours and one in PyTorch.

CartPole from four numbers, and Breakout from pictures: the same networks,
settings and worlds on both sides, from the first action to the last update.
The loop in PyTorch is a plain one in one file, as such agents are often
written: a network that is asked for each action on its device, and a replay
that keeps what was seen and what followed, stacks of frames and all.

Reported are environment steps a second of processor time, on one thread, and
the ratio of both. No limit is set: CartPole's networks are so small that what
counts is the cost of a call, and MXNet's calls cost more than PyTorch's.
``make bench`` runs it with the others, ``python tests/bench/agent_loops.py``
alone.
"""

from __future__ import annotations

import importlib.util
import os
import statistics
import time

if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = "1"
    os.environ["OPENBLAS_NUM_THREADS"] = "1"

import gymnasium
import numpy as np

ROUNDS = 3
TITLE = "DQN, whole training loops"
WORLDS = {
    "cartpole": {
        "steps": 4000,
        "hidden": (120, 84),
        "batch": 128,
        "every": 10,
        "target_every": 500,
        "capacity": 10_000,
        "rate": 2.5e-4,
    },
    "breakout": {
        "steps": 400,
        "hidden": (512,),
        "batch": 32,
        "every": 4,
        "target_every": 400,
        "capacity": 2000,
        "rate": 1e-4,
    },
}
START, GAMMA, FRAMES, EPSILON = 100, 0.99, 4, 0.2
CONVOLUTIONS = ((32, 8, 4), (64, 4, 2), (64, 3, 1))


def world(name):
    """Return a world to play in."""
    from fdl import rl

    if name == "cartpole":
        return gymnasium.make("CartPole-v1")
    game = rl.Breakout(scale=4)
    return gymnasium.wrappers.FrameStackObservation(game, FRAMES)


class Ours:
    """Our agent."""

    def __init__(self, name):
        from fdl import rl

        s = WORLDS[name]
        self.env = world(name)
        pictures = name == "breakout"
        self.agent = rl.DQN(
            self.env,
            rl.dqn.Config(
                convolutions=CONVOLUTIONS if pictures else (),
                history=FRAMES if pictures else 1,
                hidden=s["hidden"],
                learning_rate=s["rate"],
                gamma=GAMMA,
                capacity=s["capacity"],
                start=START,
                batch=s["batch"],
                every=s["every"],
                target_every=s["target_every"],
                epsilon=rl.EpsilonGreedy(EPSILON, EPSILON, 1),
            ),
            device="cpu",
        )

    def learn(self, steps):
        """Take some steps; return how many updates there were."""
        before = len(self.agent.losses)
        self.agent.learn(self.env, steps, seed=self.agent.steps)
        return len(self.agent.losses) - before


class PyTorch:
    """The same in PyTorch."""

    def __init__(self, name):
        import torch

        torch.set_num_threads(1)
        self.torch, self.s, self.env = torch, WORLDS[name], world(name)
        self.pictures = name == "breakout"
        shape, kind = self.env.observation_space.shape, np.float32
        if self.pictures:
            kind = np.uint8
        self.net, self.target = self.build(), self.build()
        self.target.load_state_dict(self.net.state_dict())
        self.adam = torch.optim.Adam(self.net.parameters(), lr=self.s["rate"])
        size = self.s["capacity"]
        self.seen = np.zeros((size, *shape), kind)
        self.following = np.zeros((size, *shape), kind)
        self.actions = np.zeros(size, np.int64)
        self.rewards = np.zeros(size, np.float32)
        self.ended = np.zeros(size, np.float32)
        self.rng, self.step = np.random.default_rng(0), 0

    def build(self):
        """Return a network."""
        nn, layers = self.torch.nn, []
        inputs = 4
        if self.pictures:
            for count, window, stride in CONVOLUTIONS:
                layers += [nn.Conv2d(inputs, count, window, stride), nn.ReLU()]
                inputs = count
            layers, inputs = [*layers, nn.Flatten()], 64 * 7 * 7
        for units in self.s["hidden"]:
            layers += [nn.Linear(inputs, units), nn.ReLU()]
            inputs = units
        outputs = int(self.env.action_space.n)
        return nn.Sequential(*layers, nn.Linear(inputs, outputs))

    def worths(self, net, seen):
        """Return what a network says of observations."""
        x = self.torch.from_numpy(seen)
        return net(x.float() / 255 if self.pictures else x)

    def learn(self, steps):
        """Take some steps; return how many updates there were."""
        s, size, updates = self.s, len(self.actions), 0
        seen, _ = self.env.reset(seed=self.step)
        for _ in range(steps):
            if self.rng.random() < EPSILON:
                action = int(self.rng.integers(self.env.action_space.n))
            else:
                with self.torch.no_grad():
                    q = self.worths(self.net, np.asarray(seen)[np.newaxis])
                action = int(q.argmax())
            following, reward, ended, cut, _ = self.env.step(action)
            k = self.step % size
            self.seen[k], self.following[k] = seen, following
            self.actions[k], self.rewards[k] = action, reward
            self.ended[k] = ended
            self.step += 1
            seen = following
            if ended or cut:
                seen, _ = self.env.reset()
            if self.step > START and self.step % s["every"] == 0:
                self.update(min(self.step, size))
                updates += 1
            if self.step % s["target_every"] == 0:
                self.target.load_state_dict(self.net.state_dict())
        return updates

    def update(self, size):
        """Take a step with some transitions."""
        torch, k = self.torch, self.rng.integers(size, size=self.s["batch"])
        rewards, ended, actions = (
            torch.from_numpy(array[k])
            for array in (self.rewards, self.ended, self.actions)
        )
        with torch.no_grad():
            best = self.worths(self.target, self.following[k]).max(dim=1)
            y = rewards + GAMMA * best.values * (1 - ended)
        q = self.worths(self.net, self.seen[k]).gather(1, actions[:, None])
        loss = torch.nn.functional.smooth_l1_loss(q[:, 0], y)
        self.adam.zero_grad()
        loss.backward()
        self.adam.step()
        return loss.item()


def compare(rounds=ROUNDS, share=1.0):
    """Let both sides take turns, and return what was found."""
    sides = {"ours": Ours}
    if importlib.util.find_spec("torch"):
        sides["pytorch"] = PyTorch
    found = {"bench": "agent_loops", "title": TITLE, "rounds": rounds}
    for name, settings in WORLDS.items():
        steps = round(share * settings["steps"])
        made = {side: kind(name) for side, kind in sides.items()}
        rates = {side: [] for side in sides}
        for agent in made.values():
            agent.learn(START + 4 * settings["every"])  # builds its graphs
        for number in range(rounds):
            updates = {}
            for side in [*sides][:: -1 if number % 2 else 1]:
                start = time.process_time()
                updates[side] = made[side].learn(steps)
                rates[side].append(steps / (time.process_time() - start))
            if len({*updates.values()}) > 1:
                raise RuntimeError(f"other numbers of updates: {updates}")
        middle = {side: statistics.median(r) for side, r in rates.items()}
        found[name] = {"steps": steps, "steps_a_second": middle}
        if "pytorch" in middle:
            found[name]["ratio"] = middle["ours"] / middle["pytorch"]
    return found


def good(found):
    """Return whether there is something to tell; no limit is set."""
    return set(WORLDS) <= set(found)


def shown(found):
    """Return what was found, as text."""
    lines = [f"{found['title']}: steps a second of processor time"]
    for name in WORLDS:
        rates = found[name]["steps_a_second"]
        line = f"{name:10}{rates['ours']:10,.0f} (ours)"
        if "pytorch" in rates:
            line += f"{rates['pytorch']:10,.0f} (PyTorch)"
            line += f"  {found[name]['ratio']:.2f} times as many"
        lines.append(line)
    return "\n".join(lines)


if __name__ == "__main__":
    print(shown(compare()))
