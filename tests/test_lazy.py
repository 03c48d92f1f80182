"""Lazy names mean one thing, in whatever order things are loaded."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import fdl

PACKAGES = ["fdl"] + [
    found.name
    for found in pkgutil.walk_packages(fdl.__path__, "fdl.")
    if found.ispkg
]


@pytest.mark.parametrize("package", PACKAGES)
def test_a_submodule_hides_no_public_name(package):
    owner = importlib.import_module(package)
    inside = {found.name for found in pkgutil.iter_modules(owner.__path__)}
    for name in inside & set(getattr(owner, "__all__", ())):
        module = importlib.import_module(f"{package}.{name}")
        assert getattr(owner, "__getattr__", vars(owner).get)(name) is module
        assert name not in getattr(module, "__all__", ())
