"""Who decides on the feature templates: they hold 要配慮 and 機微 items, so the 総括保護管理者 alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from governance.errors import Denied
from sekisho.deployment import Deployment
from tests.city import approve, stewards_of

TEMPLATES = ("yc-features", "pv-features", "ab-features", "tr-features")


def test_the_head_of_the_centre_does_not_decide_on_sensitive_items(new_city: Path) -> None:
    """Reviewed and consented to by every holder, each of the four still waits for the chief privacy officer."""
    deployment = Deployment.load(new_city)
    with deployment.broker() as broker:
        for template in TEMPLATES:
            with pytest.raises(Denied) as caught:
                approve(deployment, broker, template, decider=("center-head", "center_head"))
            assert {citation.article for citation in caught.value.citations} & {10, 19}, template
        waiting = {stored.approval.template: stored.approval.state for stored in broker.approvals.store.all()}
        assert waiting == dict.fromkeys(TEMPLATES, "requested")


def test_every_holder_whose_data_a_template_reads_is_asked(pristine_city: Path) -> None:
    """合議 is with the stewards of exactly the departments that would send something."""
    deployment = Deployment.load(pristine_city)
    asked = {name: set(stewards_of(deployment, name)) for name in TEMPLATES}
    school = {"steward-shimin", "steward-kyoiku", "steward-school", "steward-center"}
    assert asked == {
        "yc-features": school | {"steward-kaigo", "steward-shofuku", "steward-ikusei"},
        "pv-features": school | {"steward-seifuku", "steward-kosodate", "steward-ikusei", "steward-kenko"},
        "ab-features": school | {"steward-kenko", "steward-shofuku", "steward-seifuku"},
        "tr-features": school,
    }
