"""The update rules once more, in NumPy, from the formulas of the papers.

Nothing here looks at ``fdl``. A rule is a generator function's state machine
in its plainest form: ``rule(theta, gradient, steps, **settings)`` returns all
points, where `gradient` maps a point to ∂E/∂θ. ``prepare`` is what happens to
a gradient before any rule sees it.
"""

import numpy as np


def prepare(gradient, *, rescale=1.0, clip=None, wd=0.0):
    def prepared(theta):
        g = rescale * gradient(theta)
        if clip is not None:
            g = np.minimum(np.maximum(g, -clip), clip)
        return g + wd * theta

    return prepared


def sgd(theta, gradient, steps, *, learning_rate):
    path = [theta]
    for _ in range(steps):
        path.append(path[-1] - learning_rate * gradient(path[-1]))
    return np.array(path)


def momentum(theta, gradient, steps, *, learning_rate, momentum):
    path, v = [theta], 0 * theta
    for _ in range(steps):
        v = momentum * v - learning_rate * gradient(path[-1])
        path.append(path[-1] + v)
    return np.array(path)


def nesterov(theta, gradient, steps, *, learning_rate, momentum):
    """Return the iterates θ and the look-ahead points θ + m v."""
    path, ahead, v = [theta], [theta], 0 * theta
    for _ in range(steps):
        v = momentum * v - learning_rate * gradient(path[-1] + momentum * v)
        path.append(path[-1] + v)
        ahead.append(path[-1] + momentum * v)
    return np.array(path), np.array(ahead)


def adagrad(theta, gradient, steps, *, learning_rate, epsilon):
    path, squares = [theta], []
    for _ in range(steps):
        g = gradient(path[-1])
        squares.append(g**2)
        root = np.sum(squares, axis=0) ** 0.5
        path.append(path[-1] - learning_rate * g / (epsilon + root))
    return np.array(path)


def adadelta(theta, gradient, steps, *, learning_rate, rho, epsilon):
    path, eg2, ed2 = [theta], 0 * theta, 0 * theta
    for _ in range(steps):
        g = gradient(path[-1])
        eg2 = rho * eg2 + (1 - rho) * g**2
        delta = -((ed2 + epsilon) ** 0.5) / (eg2 + epsilon) ** 0.5 * g
        ed2 = rho * ed2 + (1 - rho) * delta**2
        path.append(path[-1] + learning_rate * delta)
    return np.array(path)


def rmsprop(
    theta, gradient, steps, *, learning_rate, rho, epsilon, momentum=0.0
):
    path, r, v = [theta], 0 * theta, 0 * theta
    for _ in range(steps):
        g = gradient(path[-1])
        r = rho * r + (1 - rho) * g**2
        v = momentum * v - learning_rate / (epsilon + r**0.5) * g
        path.append(path[-1] + v)
    return np.array(path)


def adam(theta, gradient, steps, *, learning_rate, beta1, beta2, epsilon):
    # the averages as sums over all gradients so far, not as recursions
    path, gradients = [theta], []
    for i in range(1, steps + 1):
        gradients.append(gradient(path[-1]))
        ages = np.arange(i - 1, -1, -1).reshape(-1, *[1] * theta.ndim)
        g = np.array(gradients)
        first = (1 - beta1) * (beta1**ages * g).sum(axis=0)
        second = (1 - beta2) * (beta2**ages * g**2).sum(axis=0)
        first /= 1 - beta1**i
        second /= 1 - beta2**i
        step = learning_rate * first / (epsilon + second**0.5)
        path.append(path[-1] - step)
    return np.array(path)
