"""Each rule with settings far from its defaults, and its oracle."""

from fdl import optim

from . import oracles_rules as oracles


def look_ahead(*args, **settings):
    return oracles.nesterov(*args, **settings)[1]


# name: (class, oracle, settings); δ is large, so that its place is seen
CASES = {
    "sgd": (optim.SGD, oracles.sgd, {"learning_rate": 0.002}),
    "momentum": (
        optim.Momentum,
        oracles.momentum,
        {"learning_rate": 0.0003, "momentum": 0.8},
    ),
    "nesterov": (
        optim.Nesterov,
        look_ahead,
        {"learning_rate": 0.0003, "momentum": 0.8},
    ),
    "adagrad": (
        optim.AdaGrad,
        oracles.adagrad,
        {"learning_rate": 0.1, "epsilon": 0.3},
    ),
    "adadelta": (
        optim.AdaDelta,
        oracles.adadelta,
        {"learning_rate": 0.1, "rho": 0.8, "epsilon": 1e-4},
    ),
    "rmsprop": (
        optim.RMSProp,
        oracles.rmsprop,
        {"learning_rate": 0.002, "rho": 0.8, "epsilon": 0.3},
    ),
    "rmsprop with momentum": (
        optim.RMSProp,
        oracles.rmsprop,
        {
            "learning_rate": 0.002,
            "rho": 0.8,
            "epsilon": 0.3,
            "momentum": 0.6,
        },
    ),
    "adam": (
        optim.Adam,
        oracles.adam,
        {"learning_rate": 0.05, "beta1": 0.8, "beta2": 0.95, "epsilon": 0.3},
    ),
}
RULES = [
    optim.SGD,
    optim.Momentum,
    optim.Nesterov,
    optim.AdaGrad,
    optim.AdaDelta,
    optim.RMSProp,
    optim.Adam,
]
