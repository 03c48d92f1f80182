"""The papers' equations, number by number, for tests only.

[1] Graves, Wayne and Danihelka 2014, arXiv:1410.5401; [2] Graves et al. 2016,
doi:10.1038/nature20101. Every function takes one example.
"""

import math

import numpy as np


def content(memory, key, strength, epsilon=0.0):
    """[2], "Content-based addressing": a softmax of cosines, for one key.

    The papers have no epsilon, which is added to squared lengths.
    """
    likeness = []
    for row in memory:
        dot = sum(float(a) * float(b) for a, b in zip(key, row))
        lengths = math.sqrt(sum(a * a for a in key) + epsilon)
        lengths *= math.sqrt(sum(a * a for a in row) + epsilon)
        likeness.append(math.exp(strength * dot / lengths))
    return [one / sum(likeness) for one in likeness]


def shift(weights, shifts):
    """[1] eq. 8, the middle shift being none."""
    n, middle = len(weights), len(shifts) // 2
    moved = [0.0] * n
    for j in range(n):
        for s in range(len(shifts)):
            moved[(j + s - middle) % n] += weights[j] * shifts[s]
    return moved


def sharpen(weights, gamma):
    """[1] eq. 9."""
    powers = [w**gamma for w in weights]
    return [p / sum(powers) for p in powers]


def usage(previous, write, free_gates, reads):
    """[2], "Dynamic memory allocation"."""
    used = []
    for i in range(len(previous)):
        kept = 1.0
        for f, read in zip(free_gates, reads):
            kept *= 1 - f * read[i]
        both = previous[i] + write[i] - previous[i] * write[i]
        used.append(both * kept)
    return used


def allocation(usage):
    """[2] eq. 1, along the sorted free list."""
    free_list = sorted(range(len(usage)), key=lambda i: usage[i])
    weights = [0.0] * len(usage)
    for j in range(len(usage)):
        product = 1.0
        for i in range(j):
            product *= usage[free_list[i]]
        weights[free_list[j]] = (1 - usage[free_list[j]]) * product
    return weights


def link(previous, write, precedence):
    """[2] eq. 2, and no link of a slot to itself."""
    n = len(write)
    after = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            if i != j:
                after[i, j] = (1 - write[i] - write[j]) * previous[i][j]
                after[i, j] += write[i] * precedence[j]
    return after


def precedence(previous, write):
    """[2], "Temporal memory linkage"."""
    total = sum(write)
    return [(1 - total) * p + w for p, w in zip(previous, write)]


def erase_and_write(memory, weights, erase, value):
    """[1] eqs. 3 and 4."""
    after = np.zeros(np.shape(memory))
    for i in range(len(weights)):
        for k in range(len(erase)):
            kept = memory[i][k] * (1 - weights[i] * erase[k])
            after[i, k] = kept + weights[i] * value[k]
    return after
