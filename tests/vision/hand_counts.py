"""Parameters of the architectures, counted by hand from the papers' tables.

Plain sums over single layers; nothing here knows the package.
"""


def conv(c, k, extent, bias=True, groups=1):
    return k * (c // groups) * extent * extent + (k if bias else 0)


def dense(n, m):
    return n * m + m


def norm(c):
    return 2 * c


def lenet5(output=True):
    c1 = conv(1, 6, 5)
    s2 = 2 * 6
    # table I: six maps see 3 maps, nine see 4, one sees all 6
    c3 = 6 * (3 * 25 + 1) + 9 * (4 * 25 + 1) + (6 * 25 + 1)
    s4 = 2 * 16
    c5 = conv(16, 120, 5)
    f6 = dense(120, 84)
    return c1 + s2 + c3 + s4 + c5 + f6 + (dense(84, 10) if output else 0)


def alexnet():
    return (
        conv(3, 96, 11)
        + conv(96, 256, 5, groups=2)
        + conv(256, 384, 3)
        + conv(384, 384, 3, groups=2)
        + conv(384, 256, 3, groups=2)
        + dense(256 * 6 * 6, 4096)
        + dense(4096, 4096)
        + dense(4096, 1000)
    )


def vgg(column):
    # kernels in the order of the paper's table 1; a 1 marks 1 x 1
    body = {
        "A": "64 | 128 | 256 256 | 512 512 | 512 512",
        "B": "64 64 | 128 128 | 256 256 | 512 512 | 512 512",
        "C": "64 64 | 128 128 | 256 256 256/1 | 512 512 512/1 | 512 512 512/1",
        "D": "64 64 | 128 128 | 256 256 256 | 512 512 512 | 512 512 512",
        "E": "64 64 | 128 128 | 256 256 256 256 | 512 512 512 512"
        " | 512 512 512 512",
    }[column]
    total, c = 0, 3
    for layer in body.replace("|", " ").split():
        k, _, extent = layer.partition("/")
        total += conv(c, int(k), int(extent or 3))
        c = int(k)
    return (
        total
        + dense(512 * 7 * 7, 4096)
        + dense(4096, 4096)
        + dense(4096, 1000)
    )


def inception(c, one, r3, three, r5, five, pool):
    return (
        conv(c, one, 1)
        + conv(c, r3, 1)
        + conv(r3, three, 3)
        + conv(c, r5, 1)
        + conv(r5, five, 5)
        + conv(c, pool, 1)
    )


GOOGLENET = {
    "3a": (192, 64, 96, 128, 16, 32, 32),
    "3b": (256, 128, 128, 192, 32, 96, 64),
    "4a": (480, 192, 96, 208, 16, 48, 64),
    "4b": (512, 160, 112, 224, 24, 64, 64),
    "4c": (512, 128, 128, 256, 24, 64, 64),
    "4d": (512, 112, 144, 288, 32, 64, 64),
    "4e": (528, 256, 160, 320, 32, 128, 128),
    "5a": (832, 256, 160, 320, 32, 128, 128),
    "5b": (832, 384, 192, 384, 48, 128, 128),
}


def googlenet(auxiliary=False):
    total = conv(3, 64, 7) + conv(64, 64, 1) + conv(64, 192, 3)
    total += sum(inception(*row) for row in GOOGLENET.values())
    total += dense(1024, 1000)
    if auxiliary:
        for c in (512, 528):
            total += conv(c, 128, 1) + dense(128 * 4 * 4, 1024)
            total += dense(1024, 1000)
    return total


def resnet(stages, bottleneck, width=64, stem=7, classes=1000, project=True):
    total = conv(3, width, stem, bias=False) + norm(width)
    c = width
    for stage, blocks in enumerate(stages):
        w = width * 2**stage
        out = 4 * w if bottleneck else w
        for block in range(blocks):
            if bottleneck:
                layers = [(c, w, 1), (w, w, 3), (w, out, 1)]
            else:
                layers = [(c, w, 3), (w, w, 3)]
            if block == 0 and c != out and project:
                layers.append((c, out, 1))
            for a, b, extent in layers:
                total += conv(a, b, extent, bias=False) + norm(b)
            c = out
    return total + dense(c, classes)


def densenet(
    blocks, k, first, bottleneck=True, theta=0.5, stem=7, classes=1000
):
    total = conv(3, first, stem, bias=False)
    total += norm(first) if stem == 7 else 0
    c = first
    for number, layers in enumerate(blocks):
        if number:
            total += norm(c) + conv(c, int(theta * c), 1, bias=False)
            c = int(theta * c)
        for _ in range(layers):
            if bottleneck:
                total += norm(c) + conv(c, 4 * k, 1, bias=False)
                total += norm(4 * k) + conv(4 * k, k, 3, bias=False)
            else:
                total += norm(c) + conv(c, k, 3, bias=False)
            c += k
    return total + norm(c) + dense(c, classes)
