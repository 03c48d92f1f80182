"""How parameters are moved: update rules, searches, and what they walk on."""

from fdl._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "AdaDelta": "adaptive",
        "AdaGrad": "adaptive",
        "Adam": "adaptive",
        "BFGS": "directions",
        "ConjugateGradient": "directions",
        "LBFGS": "directions",
        "Momentum": "rules",
        "Nesterov": "rules",
        "RMSProp": "adaptive",
        "Rule": "rule",
        "SGD": "rules",
        "SteepestDescent": "directions",
        "adaptive": "adaptive",
        "bfgs": "search",
        "conjugate_gradient": "search",
        "descent": "descent",
        "directions": "directions",
        "landscapes": "landscapes",
        "lbfgs": "search",
        "line_search": "line_search",
        "minimize": "descent",
        "regularize": "regularize",
        "rule": "rule",
        "rules": "rules",
        "schedules": "schedules",
        "search": "search",
        "steepest_descent": "search",
        "strong_wolfe": "line_search",
        "value_and_gradient": "descent",
    },
)
