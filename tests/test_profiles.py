"""Known values: which profile is in force, and what it chooses."""

import pytest

from fdl import profiles


def test_quick_is_the_default(monkeypatch):
    monkeypatch.delenv("FDL_PROFILE", raising=False)
    assert profiles.current() == "quick"
    assert profiles.profile(quick=3, full=100) == 3


def test_an_empty_variable_means_the_default(monkeypatch):
    monkeypatch.setenv("FDL_PROFILE", "")
    assert profiles.current() == "quick"


def test_the_variable_chooses_full(monkeypatch):
    monkeypatch.setenv("FDL_PROFILE", "full")
    assert profiles.current() == "full"
    assert profiles.profile(quick=3, full=100) == 100


def test_another_name_is_refused(monkeypatch):
    monkeypatch.setenv("FDL_PROFILE", "fast")
    with pytest.raises(ValueError, match=r"`FDL_PROFILE` \(='fast'\) must be"):
        profiles.profile(quick=1, full=2)
