"""Slow, plain second opinions, written from the equations, for tests only.

Everything is a loop over single numbers, so that nothing can go wrong with an
axis, a broadcast or a stride.
"""

import math

import numpy as np


def assert_gradients_agree(ours, other, tolerance=1e-6):
    """Fail if two gradients differ by more than the relative tolerance."""
    ours, other = np.asarray(ours), np.asarray(other)
    if ours.shape != other.shape:
        raise AssertionError(f"shapes {ours.shape} and {other.shape}")
    size = max(np.abs(ours).max(), np.abs(other).max())
    if not size > 1e-8:
        raise AssertionError("both gradients are zero: nothing was tested")
    difference = np.abs(ours - other).max() / size
    if not difference < tolerance:
        raise AssertionError(f"relative difference {difference:.3g}")


def central_differences(f, x, eps=1e-5):
    """Return the gradient of the number ``f(x)``, one entry at a time."""
    x = np.array(x, dtype="float64")
    gradient = np.zeros(x.shape)
    for place in np.ndindex(*x.shape):
        high, low = x.copy(), x.copy()
        high[place] += eps
        low[place] -= eps
        gradient[place] = (float(f(high)) - float(f(low))) / (2 * eps)
    return gradient


# --- feed-forward networks (book, ch. 2)

FUNCTIONS = {
    "linear": (lambda z: z, lambda z: 1.0),
    "sigmoid": (
        lambda z: 1 / (1 + math.exp(-z)),
        lambda z: math.exp(-z) / (1 + math.exp(-z)) ** 2,
    ),
    "tanh": (math.tanh, lambda z: 1 / math.cosh(z) ** 2),
    "relu": (lambda z: max(z, 0.0), lambda z: 1.0 if z > 0 else 0.0),
}


def feed_forward(weights, biases, x, hidden, output):
    """Return the logits and activities of one example, layer by layer."""
    logits, activities = [], [[float(value) for value in x]]
    for k, (W, b) in enumerate(zip(weights, biases)):
        below = activities[-1]
        z = []
        for j in range(len(b)):
            total = float(b[j])
            for i in range(len(below)):
                total += float(W[i][j]) * below[i]
            z.append(total)
        if k < len(weights) - 1:
            y = [FUNCTIONS[hidden][0](value) for value in z]
        elif output == "softmax":
            parts = [math.exp(value) for value in z]
            y = [part / sum(parts) for part in parts]
        else:
            y = [FUNCTIONS[output][0](value) for value in z]
        logits.append(z)
        activities.append(y)
    return logits, activities


def error(y, t, output, loss):
    """Return E of one example."""
    if loss == "squared":
        return sum((b - a) ** 2 for a, b in zip(y, t)) / 2
    if output == "softmax":
        return -sum(b * math.log(a) for a, b in zip(y, t))
    return -sum(
        b * math.log(a) + (1 - b) * math.log(1 - a) for a, b in zip(y, t)
    )


def backpropagation(weights, biases, x, t, hidden, output, loss):
    """Return E, dW and db, summed over the examples.

    The derivatives of the error with respect to the logits of the output are
    taken by the chain rule through every output, whatever the loss.
    """
    dW = [np.zeros(np.shape(W)) for W in weights]
    db = [np.zeros(np.shape(b)) for b in biases]
    total = 0.0
    for example, target in zip(x, t):
        z, y = feed_forward(weights, biases, example, hidden, output)
        total += error(y[-1], target, output, loss)
        n = len(y[-1])
        dy = []
        for j in range(n):
            if loss == "squared":
                dy.append(y[-1][j] - target[j])
            elif output == "softmax":
                dy.append(-target[j] / y[-1][j])
            else:
                a, b = y[-1][j], target[j]
                dy.append(-b / a + (1 - b) / (1 - a))
        dz = []
        for k in range(n):
            if output == "softmax":
                share = 0.0
                for j in range(n):
                    same = 1.0 if j == k else 0.0
                    share += dy[j] * y[-1][j] * (same - y[-1][k])
                dz.append(share)
            else:
                dz.append(dy[k] * FUNCTIONS[output][1](z[-1][k]))
        for layer in range(len(weights) - 1, -1, -1):
            below = y[layer]
            for j in range(len(dz)):
                db[layer][j] += dz[j]
                for i in range(len(below)):
                    dW[layer][i, j] += below[i] * dz[j]
            if layer:
                new = []
                for i in range(len(below)):
                    share = 0.0
                    for j in range(len(dz)):
                        share += float(weights[layer][i][j]) * dz[j]
                    new.append(share * FUNCTIONS[hidden][1](z[layer - 1][i]))
                dz = new
    return total, dW, db


# --- convolution and pooling (book, ch. 5)


def convolution(x, w, b, stride, pad):
    """Return the cross-correlation, one multiplication at a time."""
    B, C, H, W = x.shape
    K, _, e, f = w.shape
    P, Q = (H - e + 2 * pad) // stride + 1, (W - f + 2 * pad) // stride + 1
    y = np.zeros((B, K, P, Q))
    for n, k, i, j in np.ndindex(B, K, P, Q):
        y[n, k, i, j] = b[k]
        for c, u, v in np.ndindex(C, e, f):
            row, column = i * stride + u - pad, j * stride + v - pad
            if 0 <= row < H and 0 <= column < W:
                y[n, k, i, j] += x[n, c, row, column] * w[k, c, u, v]
    return y


def convolution_gradients(dy, x, w, stride, pad):
    """Return dx, dw, db: what each multiplication contributes."""
    B, C, H, W = x.shape
    _, _, e, f = w.shape
    dx, dw, db = np.zeros(x.shape), np.zeros(w.shape), np.zeros(len(w))
    for n, k, i, j in np.ndindex(*dy.shape):
        db[k] += dy[n, k, i, j]
        for c, u, v in np.ndindex(C, e, f):
            row, column = i * stride + u - pad, j * stride + v - pad
            if 0 <= row < H and 0 <= column < W:
                dx[n, c, row, column] += dy[n, k, i, j] * w[k, c, u, v]
                dw[k, c, u, v] += dy[n, k, i, j] * x[n, c, row, column]
    return dx, dw, db


def max_pooling(x, size, stride):
    """Return the maxima, and for each the place that it came from."""
    B, C, H, W = x.shape
    P, Q = (H - size) // stride + 1, (W - size) // stride + 1
    y, places = np.zeros((B, C, P, Q)), {}
    for n, c, i, j in np.ndindex(B, C, P, Q):
        best = -math.inf
        for u, v in np.ndindex(size, size):
            row, column = i * stride + u, j * stride + v
            if x[n, c, row, column] > best:
                best = x[n, c, row, column]
                places[n, c, i, j] = (n, c, row, column)
        y[n, c, i, j] = best
    return y, places


def max_pooling_gradient(dy, x, size, stride):
    """Return dx: each entry of dy goes to where its maximum came from."""
    _, places = max_pooling(x, size, stride)
    dx = np.zeros(x.shape)
    for place, origin in places.items():
        dx[origin] += dy[place]
    return dx


# --- recurrent units (book, ch. 7), each number for itself


def logit(weights, x, h, j):
    """Return b_j + Σ_i x_i W_ij + Σ_k h_k U_kj of one gate."""
    W, U, b = weights
    total = float(b[j])
    for i in range(len(x)):
        total += float(x[i]) * float(W[i][j])
    for k in range(len(h)):
        total += float(h[k]) * float(U[k][j])
    return total


def squash(z):
    """Return the logistic function of z."""
    return 1 / (1 + math.exp(-z))


def lstm(xs, weights, h, c, peephole=None):
    """Return all h and c; the peepholes are rows p_f, p_i, p_o."""
    p = peephole or [[0.0] * len(h)] * 3
    hs, cs = [], []
    for x in xs:
        new_h, new_c = [], []
        for j in range(len(h)):
            f = squash(logit(weights["f"], x, h, j) + p[0][j] * c[j])
            i = squash(logit(weights["i"], x, h, j) + p[1][j] * c[j])
            g = math.tanh(logit(weights["g"], x, h, j))
            memory = f * c[j] + i * g
            o = squash(logit(weights["o"], x, h, j) + p[2][j] * memory)
            new_c.append(memory)
            new_h.append(o * math.tanh(memory))
        h, c = new_h, new_c
        hs.append(h)
        cs.append(c)
    return hs, cs


def gru(xs, weights, h, inside=None):
    """Return all h; with `inside`, the reset gate acts behind U."""
    hs = []
    for x in xs:
        r = [squash(logit(weights["r"], x, h, j)) for j in range(len(h))]
        z = [squash(logit(weights["z"], x, h, j)) for j in range(len(h))]
        reset = [a * b for a, b in zip(r, h)]
        new = []
        for j in range(len(h)):
            if inside is None:
                n = logit(weights["n"], x, reset, j)
            else:
                W, U, b = weights["n"]
                back = logit((W, U, inside), [], h, j)
                n = logit((W, U, b), x, [], j) + r[j] * back
            new.append(z[j] * h[j] + (1 - z[j]) * math.tanh(n))
        h = new
        hs.append(h)
    return hs
