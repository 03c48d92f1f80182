"""Worlds for tests of actors, in a module that loads no MXNet."""

import os
import signal
import sys

from fdl import rl


class Alone(rl.Echo):
    """Fails if MXNet is loaded in the process that plays it."""

    def step(self, action):
        if "mxnet" in sys.modules:
            raise AssertionError("MXNet is loaded")
        return super().step(action)


class Broken(rl.Echo):
    """Fails at its tenth step."""

    def step(self, action):
        if self.t == 10:
            raise ZeroDivisionError("what broke it")
        return super().step(action)


class Deadly(rl.Echo):
    """Kills the process that plays it, unless a file is there already."""

    def __init__(self, path):
        super().__init__()
        self.path = path

    def step(self, action):
        if self.path is None or not os.path.exists(self.path):
            if self.path is not None:
                open(self.path, "w").close()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().step(action)
