"""Word2vec by loops in float64, pair by pair, from the papers' equations."""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def loops(model, tables, words, chosen, noise, log_expected, rate):
    """Return tables after one step, and the loss before it."""
    inputs, outputs, bias = (np.array(t, float) for t in tables[:3])
    d_in, d_out, d_bias = (np.zeros_like(t) for t in (inputs, outputs, bias))
    T, W = chosen.shape
    w, each, loss = W // 2, T // len(noise), 0.0
    for t in range(T):
        centre = words[w + t]
        around = [words[t + j] for j in range(W) if chosen[t, j]]
        if model == "skip_gram":
            pairs = [([centre], other) for other in around]
        else:
            pairs = [(around, centre)] if around else []
        for context, target in pairs:
            h = np.mean([inputs[c] for c in context], axis=0)
            dh = np.zeros_like(h)
            asked = [(target, 1.0)] + [(n, 0.0) for n in noise[t // each]]
            for word, wanted in asked:
                z = outputs[word] @ h + bias[word, 0] - log_expected[word]
                p = sigmoid(z)
                loss -= np.log(p if wanted else 1 - p)
                d_out[word] += (p - wanted) * h
                d_bias[word] += p - wanted
                dh += (p - wanted) * outputs[word]
            for c in context:
                d_in[c] += dh / len(context)
    return (
        inputs - rate * d_in,
        outputs - rate * d_out,
        bias - rate * d_bias,
    ), loss
