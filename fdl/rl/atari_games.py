"""Atari's games, as they are usually shown to an agent.

Of the console's pictures, 210 × 160 in colours, sixty a second, an agent sees
one in four, grey, as 84 × 84 bytes. Sprites that are drawn in every other
picture only are not lost: of the last two pictures each pixel's larger value
is shown.

The emulator and the games come with the package ``ale-py``, which has a
licence of its own (GPL) and is not needed for anything else.

Letters: none.

References: [1] Mnih et al. 2015, doi:10.1038/nature14236

Differences from the paper: an action is taken as it is given; it may be
repeated by chance (`repeat`), which makes the games less alike.

Book: ch. 9, "Deep Q-Network (DQN)"
"""

from __future__ import annotations

import difflib
import re
from typing import Any

import gymnasium

from fdl.errors import must
from fdl.scratch._checks import share, whole

__all__ = ["atari"]

EXTRA = "pip install 'fdl[atari]'"


def atari(
    name: str = "Breakout",
    *,
    size: int = 84,
    skip: int = 4,
    life_ends: bool = False,
    repeat: float = 0.0,
) -> gymnasium.Env:
    """Return one of Atari's games, a world of grey pictures.

    For a network that sees several of them, stack them with
    Gymnasium's ``FrameStackObservation``.

    Parameters
    ----------
    name : str
        The game, such as ``"Breakout"`` or ``"Pong"``.
    size : int
        Pixels on each side.
    skip : int
        Pictures in a step, in all of which the same is done.
    life_ends : bool
        Whether an episode ends with a life, and not with the game.
    repeat : float
        How likely the console goes on with what was done before, in each
        picture.

    Examples
    --------
    >>> atari("Pong", repeat=2)
    Traceback (most recent call last):
    ...
    ValueError: `repeat` (=2) must be a number from 0 to 1.
    """
    whole("size", size)
    whole("skip", skip)
    share("repeat", repeat)
    try:
        import ale_py
        import cv2  # noqa: F401  what the pictures are made smaller with
    except ImportError as error:
        raise ModuleNotFoundError(
            f"Atari's games need packages of their own: {EXTRA} ({error})."
        ) from None
    ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)
    gymnasium.register_envs(ale_py)
    games = re.findall(r"ALE/(\w+)-v5", " ".join(gymnasium.registry))
    if name not in games:
        like = difflib.get_close_matches(name, games, 1, 0) or games
        raise must("name", name, f"be an Atari game, such as {like[0]}")
    game: Any = gymnasium.make(
        f"ALE/{name}-v5",
        frameskip=1,
        repeat_action_probability=repeat,
        render_mode="rgb_array",
    )
    return gymnasium.wrappers.AtariPreprocessing(
        game,
        frame_skip=skip,
        screen_size=size,
        terminal_on_life_loss=life_ends,
    )
