"""No module and no chapter uses an operator that is wrong without a word."""

from pathlib import Path

import pytest
from guard import RULES, cells, check, check_chapter

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted((ROOT / "fdl").rglob("*.py"))
CHAPTERS = sorted((ROOT / "chapters").glob("**/*.md"))
# has the replacements in it, which tests/test_mxnet.py checks by numbers
DOOR = ROOT / "fdl" / "_mxnet.py"


def listing(findings):
    return "\n".join(map(str, findings))


def test_no_module_uses_an_operator_that_is_wrong():
    findings = [
        finding
        for path in MODULES
        if path != DOOR
        for finding in check(path.read_text("utf-8"), str(path))
    ]
    assert not findings, listing(findings)


def test_no_chapter_uses_an_operator_that_is_wrong():
    findings = [
        finding
        for path in CHAPTERS
        for finding in check_chapter(path.read_text("utf-8"), str(path))
    ]
    assert not findings, listing(findings)


def test_the_guard_sees_what_it_is_to_watch():
    assert DOOR in MODULES
    assert ROOT / "fdl" / "train" / "loop.py" in MODULES
    chapter = next(path for path in CHAPTERS if path.name.startswith("03-"))
    text = chapter.read_text("utf-8")
    found = cells(text)
    assert len(found) == text.count("{code-cell}")
    lines = text.splitlines()
    for cell in found:
        assert lines[cell.line - 1] == cell.source.splitlines()[0]


def test_chapter_3_shows_traps_that_would_be_caught_elsewhere():
    chapter = next(path for path in CHAPTERS if path.name.startswith("03-"))
    text = chapter.read_text("utf-8")
    assert any("trap" in cell.tags for cell in cells(text))
    plain = text.replace("[trap]", "[]").replace("tags: trap", "tags: ")
    rules = {f.rule for f in check_chapter(plain, "03-plain.md")}
    assert {"variance", "where", "selu", "prod", "norm", "matmul"} <= rules


# -- each rule: what it must catch, and what stands near it and is right

MX = "from fdl._mxnet import autograd, gluon, mx, nn, np, npx\n"
BOTH = "import numpy as onp\n" + MX
CAUGHT = {
    "variance": [
        MX + "np.var(x)",
        MX + "mx.np.std(x, axis=1)",
        MX + "x.var()",
        MX + "from fdl import nn\nnn.cross_entropy(x, y).std()",
        MX + "y = (x - x.mean()).std(axis=0)",
        MX + "self.weight.data().std()",
        "import mxnet as mx\nmx.np.var(x)",
        "from mxnet import np as jnp\njnp.std(x)",
        "import mxnet.numpy as mnp\nfrom mxnet import np\nnp.var(x)",
        "from mxnet.np import var",
        "from fdl import _mxnet\n_mxnet.np.var(x)",
        "import fdl._mxnet as m\nm.np.var(x)",
        "import fdl._mxnet\nfdl._mxnet.np.var(x)",
        "import fdl._mxnet\nx.var()",
        "from .._mxnet import np\nnp.var(x)",
        "from . import _mxnet\n_mxnet.np.var(x)",
        "from ._mxnet import np as n\nn.var(x)",
        "def f(x):\n    from fdl._mxnet import np\n    return np.var(x)",
        MX + "spread = np.var\nspread(x)",
        MX + "measures = {'spread': np.std}",
        MX + "getattr(np, 'var')(x)",
        "from fdl._mxnet import namespace\nF, _ = namespace(x)\nF.var(x)",
        "from fdl._mxnet import namespace\nnamespace(x)[0].var(x)",
        MX
        + "class Net(nn.HybridBlock):\n"
        + "    def hybrid_forward(self, F, x):\n"
        + "        return F.np.var(x, axis=-1)",
        MX + "f = lambda F, x: F.np.std(x)",
        # NumPy and MXNet under one name: the name is watched
        "import numpy as np\n" + MX + "np.var(x)",
        MX + "import numpy as np\nnp.var(x)",
        BOTH + "x = onp.ones(3)\nx = np.ones(3)\nx.var()",
    ],
    "where": [
        MX + "np.where(x > 0, x, 0.0)",
        MX + "np.where(x > 0, 0, x)",
        MX + "np.where(x > 0, x, -1.0)",
        MX + "np.where(x > 0, x, -(2 + 1))",
        MX + "np.where(x > 0, x=x, y=0.0)",
        MX + "np.where(x > 0, x, True)",
        MX + "EPSILON = 1e-6\nnp.where(x > 0, x, EPSILON)",
        MX + "np.where(x > 0, x, -np.inf)",
        "import math\n" + MX + "np.where(x > 0, x, -math.inf)",
        BOTH + "np.where(x > 0, x, onp.float32(0))",
        BOTH + "np.where(x > 0, x, onp.sqrt(2.0))",
        MX + "np.where(x > 0, x, float(y))",
        MX + "np.where(x > 0, x, y.item())",
        MX + "def f(x, low: float):\n    return np.where(x > 0, x, low)",
        MX + "def f(F, x):\n    return F.np.where(x > 0, x, 0.0)",
        "from fdl._mxnet import namespace\n"
        "def f(x):\n"
        "    F, _ = namespace(x)\n"
        "    return F.where(x > 0, 0.0, x)",
    ],
    "selu": [
        MX + "npx.leaky_relu(x, act_type='selu')",
        MX + "nn.SELU()",
        MX + "nn.Activation('selu')",
        MX + "nn.Dense(3, activation='selu')",
        MX + "mx.nd.LeakyReLU(x, act_type='selu')",
        MX + "def f(F, x):\n    return F.npx.leaky_relu(x, act_type='selu')",
    ],
    "prod": [MX + "np.prod(x)", MX + "x.prod(axis=1)"],
    "norm": [MX + "np.linalg.norm(x)", MX + "x.norm()", MX + "mx.nd.norm(x)"],
    "matmul": [
        MX + "np.matmul(a, b)",
        MX + "a @ b",
        MX + "def f(F, a, b):\n    return F.np.matmul(a, b)",
        MX + "np.matmul(a, b)  # guard: why not",
        MX + "np.matmul(a, b)\n# guard: 2-D",
        MX + "if (a @ b).any():\n    pass  # guard: 2-D",
    ],
    "undifferentiated": [
        *(MX + f"np.{name}(x)" for name in ("rot90", "unique", "atleast_3d")),
        *(MX + f"np.{name}(x)" for name in ("atleast_1d", "atleast_2d")),
        *(MX + f"np.{name}(x, 30)" for name in ("percentile", "quantile")),
        *(MX + f"np.linalg.{name}(x)" for name in ("pinv", "eig", "eigh")),
        *(MX + f"np.linalg.{name}(x)" for name in ("eigvals", "eigvalsh")),
        MX + "np.polyval(c, x)",
    ],
    "arctan2": [MX + "np.arctan2(1.0, x)", MX + "np.arctan2(x1=1, x2=x)"],
    "insert": [MX + "np.insert(x, 1, 5.0)", MX + "np.delete(x, 1)"],
    "clip": [
        MX + "gluon.utils.clip_global_norm(g, 5)",
        "from mxnet.gluon.utils import clip_global_norm",
    ],
    "states": [
        MX + "trainer.save_states('t')",
        MX + "trainer.load_states('t')",
        MX + "updater.get_states()",
    ],
    "rest": [
        MX + "with autograd.record(train_mode=False):\n    y = net(x)",
        MX + "with autograd.record(False):\n    y = net(x)",
    ],
    "second": [
        MX + "autograd.grad(y, [x], create_graph=True)",
        MX + "autograd.grad(y, [x], create_graph=deep)",
        MX + "autograd.grad(y, [x], None, True, True)",
    ],
    "pickle": [
        "import pickle",
        "import pickle as p",
        "from pickle import dumps",
        "def f():\n    import cloudpickle",
        "import joblib",
        "import pandas as pd\npd.read_pickle('x')",
        "import pandas as pd\npd.to_pickle(1, 'x')",
    ],
    "load": [
        "import numpy as np\nnp.load('x.npz')",
        "import numpy as np\nnp.load('x.npz', allow_pickle=True)",
        "import numpy as np\nnp.load('x.npz', allow_pickle=trust)",
        "import numpy as np\nnp.save('x.npy', x)",
        BOTH + "onp.load('x.npz')",
    ],
}
PASSES = {
    "variance": [
        "import numpy as np\nnp.var(x), x.std()",
        BOTH + "onp.var(x)",
        BOTH + "x.asnumpy().var()",
        BOTH + "y = x.asnumpy()\ny[1:].std()",
        BOTH + "onp.asarray(x).std()",
        MX + "from fdl import seeding\n"
        "rng = seeding.generator(1)\n"
        "x = rng.normal(size=3)\n"
        "rng = seeding.generator(2)\n"
        "(x * x).std()",
        MX + "from fdl.scratch import relu\nrelu(x).std()",
        BOTH + "def f(x: onp.ndarray):\n    return x.var()",
        MX + "np.mean(x)",
        MX + "mx.sym.var('x')",
        MX + "variance = 1\nvariance",
        "from fdl._mxnet import variance\nvariance(x)",
        "from fdl import _mxnet\n_mxnet.variance(x)",
        # NumPy inside a function of a module that has MXNet elsewhere
        MX + "def f(x):\n    import numpy as np\n    return np.var(x)",
    ],
    "where": [
        "import numpy as np\nnp.where(x > 0, x, 0.0)",
        BOTH + "onp.where(x > 0, x, 0.0)",
        MX + "np.where(x > 0, x, np.zeros_like(x))",
        MX + "np.where(x > 0)",
        MX + "def f(x, low):\n    return np.where(x > 0, x, low)",
        "from fdl._mxnet import where\nwhere(x > 0, x, 0.0)",
    ],
    "selu": [
        MX + "npx.leaky_relu(x, act_type='elu')",
        MX + "print('selu')",
        "from fdl._mxnet import selu\nselu(x)",
    ],
    "prod": [BOTH + "onp.prod(shape)", "from fdl._mxnet import prod\nprod(x)"],
    "norm": [BOTH + "onp.linalg.norm(x)", MX + "nn.LayerNorm()"],
    "matmul": [
        "import numpy as np\na @ b",
        BOTH + "onp.matmul(a, b)",
        BOTH + "a = onp.ones((2, 2))\na @ b",
        MX + "np.dot(a, b)",
        MX + "np.matmul(a, b)  # guard: 2-D",
        MX + "y = np.matmul(\n    a,  # guard: 2-D\n    b,\n)",
        MX + "a @ b  # guard: 2-D",
        MX + "if (a @ b).any():  # guard: 2-D\n    pass",
    ],
    "undifferentiated": [
        "import numpy as np\nnp.unique(x), np.percentile(x, 3)",
        BOTH + "onp.rot90(x), onp.linalg.eigh(x)",
        MX + "np.linalg.inv(x), np.flip(x, 0)",
    ],
    "arctan2": [MX + "np.arctan2(x, 1.0)", BOTH + "onp.arctan2(1.0, x)"],
    "insert": [MX + "names.insert(0, 'x')", BOTH + "onp.delete(x, 1)"],
    "clip": [
        MX + "np.clip(x, 0, 1)",
        "from fdl.optim import clip_global_norm",
    ],
    "states": [MX + "net.save_parameters('n')", "save_states = 1"],
    "rest": [
        MX + "with autograd.record():\n    y = net(x)",
        MX + "with autograd.record(train_mode=True):\n    y = net(x)",
        MX + "with autograd.record(train_mode=training):\n    y = net(x)",
    ],
    "second": [
        MX + "autograd.grad(y, [x])",
        MX + "autograd.grad(y, [x], create_graph=False)",
        "import torch\ntorch.autograd.grad(y, x, create_graph=True)",
    ],
    "pickle": ["import json", "words = 'import pickle'", "import pickletools"],
    "load": [
        "import numpy as np\nnp.load('x.npz', allow_pickle=False)",
        "import json\njson.load(file)",
        MX + "npx.load('parameters')",
    ],
}


@pytest.mark.parametrize(
    ("rule", "code"),
    [(r, code) for r, codes in CAUGHT.items() for code in codes],
)
def test_it_catches(rule, code):
    assert rule in {finding.rule for finding in check(code)}


@pytest.mark.parametrize(
    ("rule", "code"),
    [(r, code) for r, codes in PASSES.items() for code in codes],
)
def test_it_passes_what_is_right(rule, code):
    assert check(code) == []


def test_every_rule_has_its_controls():
    assert set(CAUGHT) == set(PASSES) == set(RULES) - {"trap"}


def test_a_finding_says_where_and_what_to_do():
    (found,) = check(MX + "\ny = np.var(x)", "module.py")
    assert str(found) == (
        "module.py:3: `np.var` has gradient 0; use fdl._mxnet.variance, or "
        "NumPy's by name (np.var(x), not x.var())"
    )


# -- chapters

CHAPTER = """---
file_format: mystnb
---

# A chapter

```{{code-cell}} ipython3
import numpy as np
from fdl._mxnet import mx
```

## {heading}

Prose with np.var(x) and mx.np.var(x) in it.

```python
mx.np.var(not_run)
```

````{{admonition}} Inside
```{{code-cell}} ipython3
{options}!ls
%matplotlib inline
mx.np.ones?
{code}
```
````
"""
TRAPS = "What MXNet will not tell you"


def chapter(code, options="", heading="Results"):
    return CHAPTER.format(code=code, options=options, heading=heading)


def test_cells_of_a_chapter_share_their_names():
    assert not check_chapter(chapter("np.var(x)"), "01-a.md")
    (found,) = check_chapter(chapter("mx.np.var(x)"), "01-a.md")
    assert found.rule == "variance"
    text = chapter("mx.np.var(x)")
    assert text.splitlines()[found.line - 1] == "mx.np.var(x)"


def test_a_comment_with_a_question_hides_nothing():
    assert check_chapter(chapter("mx.np.var(x)  # or std?"), "01-a.md")


@pytest.mark.parametrize(
    ("code", "caught"),
    [
        ("a @ b", False),
        ("a = np.ones((2, 2))\na @ b", False),
        ("a = mx.np.ones((2, 2))\na @ b", True),
        ("a = mx.np.ones((2, 2))\na @ b  # guard: 2-D", False),
        ("x = load()\nx.std()", True),
        ("x = np.asarray(load())\nx.std()", False),
    ],
)
def test_in_a_chapter_both_kinds_of_arrays_meet(code, caught):
    assert bool(check_chapter(chapter(code), "01-a.md")) is caught


@pytest.mark.parametrize(
    "options", [":tags: [trap]\n", "---\ntags: [hide-input, trap]\n---\n"]
)
def test_only_the_section_of_traps_may_show_one(options):
    code = "mx.np.var(x)"
    text = chapter(code, options, TRAPS)
    assert not check_chapter(text, "chapters/03-a.md")
    assert [f.rule for f in check_chapter(text, "04-a.md")] == ["trap"]
    elsewhere = chapter(code, options)
    assert [f.rule for f in check_chapter(elsewhere, "03-a.md")] == ["trap"]
    untagged = chapter(code, ":tags: [hide-input]\n", TRAPS)
    assert [f.rule for f in check_chapter(untagged, "03-a.md")] == ["variance"]


def test_what_a_trap_has_named_is_not_free_elsewhere():
    text = chapter("spread = mx.np.var", ":tags: [trap]\n", TRAPS)
    text += "\n```{code-cell} ipython3\nspread(x)\n```\n"
    (found,) = check_chapter(text, "03-a.md")
    assert (found.rule, found.code) == ("variance", "`spread`")


def test_a_cell_that_is_no_python_is_an_error():
    with pytest.raises(SyntaxError):
        check_chapter(chapter("x = = 1"), "01-a.md")
