"""Whose mail one may see."""

from __future__ import annotations

import pytest

from bot.core.delivery import Delivery, Status
from bot.core.viewer import STAFF, STRANGER, Role, Viewer

MINE = Delivery(send_id="1", account="Acme", recipient="a@b.test", status=Status.SENT)
OTHER = Delivery(send_id="2", account="Other", recipient="a@b.test", status=Status.SENT)


@pytest.mark.parametrize(
    ("viewer", "seen", "may"),
    [
        (STAFF, [MINE, OTHER], True),
        (STRANGER, [], False),
        (Viewer(Role.CUSTOMER, "Acme"), [MINE], True),
        (Viewer(Role.CUSTOMER, "acme"), [], True),  # an account's name is exact
        (Viewer(Role.CUSTOMER, None), [], False),
        (Viewer(Role.CUSTOMER, ""), [], False),
    ],
)
def test_everybody_sees_what_is_theirs(viewer: Viewer, seen: list[Delivery], may: bool) -> None:
    assert viewer.visible([MINE, OTHER]) == seen
    assert viewer.may_look_up is may
