"""Reinforcement learning: environments, agents, and what agents share."""

from fdl._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "EpsilonGreedy": "explore",
        "Maze": "maze",
        "Replay": "replay",
        "advantages": "returns",
        "discounted": "returns",
        "double_q_target": "returns",
        "epsilon_greedy": "explore",
        "explore": "explore",
        "lambda_returns": "returns",
        "maze": "maze",
        "mdp": "mdp",
        "n_step": "returns",
        "policy_iteration": "mdp",
        "policy_values": "mdp",
        "q_learning": "tabular",
        "q_target": "returns",
        "q_values": "mdp",
        "replay": "replay",
        "returns": "returns",
        "sarsa": "tabular",
        "sarsa_target": "returns",
        "tabular": "tabular",
        "td_target": "returns",
        "value_iteration": "mdp",
    },
)
