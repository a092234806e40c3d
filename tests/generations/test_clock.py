"""A machine whose clock is wrong sends nothing."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from generations.engine import clock
from generations.engine.pump import Pump
from generations.models import TaskSlot


@pytest.fixture
def clock_is_off(monkeypatch):
    real = timezone.now

    def by(seconds: float) -> None:
        monkeypatch.setattr(clock.timezone, "now", lambda: real() + timedelta(seconds=seconds))

    return by


def test_a_right_clock_is_trusted(db):
    assert clock.is_trusted()


@pytest.mark.parametrize("seconds", [-30, 30])
def test_nothing_is_driven_from_a_machine_whose_clock_is_off(db, clock_is_off, caplog, seconds):
    if connection.vendor != "postgresql":
        clock_is_off(seconds)
        assert clock.is_trusted()  # there is one machine only, and nothing to compare with
        return
    clock_is_off(seconds)
    assert Pump().run(0.1) is False
    assert not TaskSlot.objects.exists()
    assert "seconds off the database server's" in caplog.text
