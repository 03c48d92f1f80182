"""The encoder and the decoder, one step at a time, from their equations."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def cell(kind, p, prefix, layer, x, state):
    """One step of a layer; the gates in Gluon's order."""
    name = f"{prefix}.layer{layer}." + "cell." * (layer > 0)
    a = p[f"{name}i2h_weight"] @ x + p[f"{name}i2h_bias"]
    b = p[f"{name}h2h_weight"] @ state[0] + p[f"{name}h2h_bias"]
    if kind == "gru":
        (h,) = state
        ar, az, an = np.split(a, 3)
        br, bz, bn = np.split(b, 3)
        r, z = sigmoid(ar + br), sigmoid(az + bz)
        return [(1 - z) * np.tanh(an + r * bn) + z * h]
    _, c = state
    i, f, g, o = np.split(a + b, 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return [sigmoid(o) * np.tanh(c), c]


def stack(kind, p, prefix, x, states):
    new = []
    for layer, state in enumerate(states):
        state = cell(kind, p, prefix, layer, x, state)
        new.append(state)
        x = state[0]
    return x, new


def score(attention, p, s, h):
    if attention == "dot":
        return s @ h
    inner = p["look.of_query.weight"] @ s
    inner = inner + p["look.of_key.weight"] @ h + p["look.of_key.bias"]
    return (p["look.score.weight"] @ np.tanh(inner))[0]


def translate(p, source, given, kind, attention, feed, layers, hidden):
    """Logits (T, V) and weights (T, S) for one sentence without padding."""
    zero = np.zeros(hidden)
    states = [[zero] * (2 if kind == "lstm" else 1) for _ in range(layers)]
    keys = []
    for word in source:
        h, states = stack(
            kind, p, "encoder", p["source_vectors"][word], states
        )
        keys.append(h)
    logits, weights, context = [], [], zero
    for word in given:
        x = p["target_vectors"][word]
        if feed:
            x = np.concatenate([x, context])
        s, states = stack(kind, p, "decoder", x, states)
        if attention != "none":
            e = np.exp([score(attention, p, s, h) for h in keys])
            weights.append(e / e.sum())
            context = sum(a * h for a, h in zip(weights[-1], keys))
            s = np.concatenate([context, s])
        a = np.tanh(p["answer.weight"] @ s + p["answer.bias"])
        logits.append(p["target_vectors"] @ a + p["bias"])
    return np.array(logits), np.array(weights)
