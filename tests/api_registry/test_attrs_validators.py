"""What attrs' validators ask for stands in the schema."""

from typing import Any

import pytest
from attrs import validators

from api_registry.attrs_validators import add_constraints, constraints
from api_registry.registry import load_apis
from api_registry.types import JsonSchema

MODULE = '''
from typing import Optional

import attrs
from attrs import validators


@attrs.define
class Room:
    name: str = attrs.field(validator=[validators.instance_of(str), validators.max_len(12)])
    kind: str = attrs.field(validator=validators.in_(["single", "double"]))
    floor: int = attrs.field(default=1, validator=[validators.ge(0), validators.lt(40)])
    code: Optional[str] = attrs.field(
        default=None, validator=validators.optional(validators.matches_re("[A-Z]{2}[0-9]+"))
    )
    tags: list[str] = attrs.field(factory=list, validator=validators.max_len(3))
    beds: int = attrs.field(default=2, converter=int, validator=validators.gt(0))


def book(room: Room) -> str:
    """Book a room.

    Args:
        room: The room.
    """
    return room.name
'''


def test_validators_reach_the_schema_of_the_class(tmp_path: Any) -> None:
    (tmp_path / "hotel_rooms.py").write_text(MODULE)
    [api] = load_apis([str(tmp_path / "hotel_rooms.py")]).apis
    fields = api.parameters["$defs"]["Room"]["properties"]
    assert fields["name"] == {"type": "string", "maxLength": 12}
    assert fields["kind"] == {"type": "string", "enum": ["single", "double"]}
    assert fields["floor"] == {
        "type": "integer", "default": 1, "minimum": 0, "exclusiveMaximum": 40,
    }  # fmt: skip
    assert fields["code"]["anyOf"][0] == {"type": "string", "pattern": "^(?:[A-Z]{2}[0-9]+)$"}
    assert fields["tags"] == {"type": "array", "items": {"type": "string"}, "maxItems": 3}
    assert "exclusiveMinimum" not in fields["beds"]  # what is given is converted first


@pytest.mark.parametrize(
    ("validator", "keywords"),
    [
        (validators.ge(1), {"minimum": 1}),
        (validators.gt(1.5), {"exclusiveMinimum": 1.5}),
        (validators.le(1), {"maximum": 1}),
        (validators.lt(1), {"exclusiveMaximum": 1}),
        (validators.min_len(2), {"minLength": 2, "minItems": 2}),
        (validators.in_({"b", "a"}), {"enum": ["a", "b"]}),
        (validators.in_([None, "a"]), {}),
        (validators.and_(validators.ge(1), validators.le(5)), {"minimum": 1, "maximum": 5}),
        (validators.instance_of(int), {}),
        (lambda instance, attribute, value: None, {}),
        (None, {}),
    ],
)
def test_each_validator_comes_to_its_keywords(validator: object, keywords: JsonSchema) -> None:
    assert constraints(validator) == keywords


def test_a_keyword_is_written_only_where_it_speaks_of_the_type() -> None:
    schema: JsonSchema = {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]}
    add_constraints(schema, {"minimum": 3, "minLength": 2})
    assert schema["anyOf"] == [
        {"type": "string", "minLength": 2}, {"type": "integer", "minimum": 3}, {"type": "null"},
    ]  # fmt: skip
