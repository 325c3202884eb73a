"""What the rules hand out cannot be changed by whoever got it: every value of theirs is frozen."""

from dataclasses import FrozenInstanceError, fields, is_dataclass

import pytest

from webapp.answering import rules as answering_rules
from webapp.cascade import rules as cascade_rules
from webapp.delivery import rules as delivery_rules
from webapp.desk import rules as desk_rules
from webapp.escalation import rules as escalation_rules
from webapp.hanging import rules as hanging_rules
from webapp.merging import rules as merging_rules
from webapp.replicating import rules as replicating_rules
from webapp.resources import rules as resources_rules
from webapp.rulebook import rules as rulebook_rules
from webapp.strategies import rules as strategies_rules
from webapp.teamwork import rules as teamwork_rules

MODULES = (
    *(answering_rules, cascade_rules, delivery_rules, desk_rules, escalation_rules, hanging_rules, merging_rules),
    *(replicating_rules, resources_rules, rulebook_rules, strategies_rules, teamwork_rules),
)
VALUES = [
    thing
    for module in MODULES
    for thing in vars(module).values()
    if isinstance(thing, type) and thing.__module__ == module.__name__ and is_dataclass(thing)
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: f"{value.__module__.split('.')[1]}.{value.__name__}")
def test_a_value_of_the_rules_is_frozen(value):
    made = object.__new__(value)
    with pytest.raises(FrozenInstanceError):
        setattr(made, fields(value)[0].name, "another")


def test_each_of_these_rules_hands_out_values():
    assert {value.__module__ for value in VALUES} == {module.__name__ for module in MODULES}
