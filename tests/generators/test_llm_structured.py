"""How an endpoint is held to a form: found out once, remembered, never guessed in trouble."""

import asyncio
from pathlib import Path

import pytest

from api_registry.errors import BudgetError, EndpointError
from generators.endpoint.client import Endpoint
from generators.endpoint.journal import Journal
from generators.endpoint.settings import EndpointConfig
from generators.fake_server import FakeSettings, running
from generators.llm.settings import Structured
from generators.llm.structured import form, supported, unwrapped
from generators.types import Completion
from tests.generators.endpoints import config


def found(folder: Path, settings: EndpointConfig, model: str = "fake-model") -> Structured:
    async def probe() -> Structured:
        with Journal(folder, 100) as journal:
            async with Endpoint(settings, journal) as endpoint:
                first = await supported(model, "auto", endpoint)
                assert await supported(model, "auto", endpoint) == first
                return first

    return asyncio.run(probe())


@pytest.mark.parametrize(
    ("structured", "tools", "expected", "requests"),
    [(True, True, "json_schema", 1), (False, True, "tools", 2), (False, False, "plain", 2)],
)
def test_the_first_form_that_the_endpoint_obeys_is_taken_and_asked_for_once(
    structured: bool, tools: bool, expected: str, requests: int, tmp_path: Path
) -> None:
    with running(FakeSettings(structured=structured, tools=tools)) as server:
        assert found(tmp_path, config(server.url)) == expected
        asked = server.log.counts()["requests"]
    # A form that is refused leaves no trace in the counts.
    assert asked <= requests


def test_what_was_found_holds_for_the_run_wherever_it_goes_on(tmp_path: Path) -> None:
    with running(FakeSettings(structured=False)) as server:
        assert found(tmp_path, config(server.url)) == "tools"
    with running(FakeSettings()) as server:
        assert found(tmp_path, config(server.url)) == "tools"
        assert server.log.counts()["requests"] == 0


def test_an_endpoint_in_trouble_is_not_taken_for_one_that_cannot(tmp_path: Path) -> None:
    with (
        running(FakeSettings(faults={"500": 1.0})) as server,
        pytest.raises(EndpointError, match="did not answer the first request"),
    ):
        found(tmp_path, config(server.url, attempts=2))
    with running(FakeSettings()) as server:
        assert found(tmp_path, config(server.url)) == "json_schema"


def test_a_model_that_is_not_there_ends_the_run_at_the_first_request(tmp_path: Path) -> None:
    with running(FakeSettings()) as server, pytest.raises(EndpointError, match="check --model"):
        found(tmp_path, config(server.url), model="other")


def test_a_budget_for_no_request_is_one_line(tmp_path: Path) -> None:
    settings = {"max_requests": 1}
    with (
        running(FakeSettings(structured=False)) as server,
        pytest.raises(BudgetError, match=r"1 requests \(--max-requests\)"),
    ):
        found(tmp_path, config(server.url, budget=settings))


def test_a_configured_form_is_not_tried(tmp_path: Path) -> None:
    async def probe() -> Structured:
        with Journal(tmp_path, 100) as journal:
            async with Endpoint(config("http://127.0.0.1:9/v1"), journal) as endpoint:
                return await supported("fake-model", "plain", endpoint)

    assert asyncio.run(probe()) == "plain"


def test_forms_are_asked_for_as_the_endpoints_know_them() -> None:
    schema = {"type": "object"}
    assert form("plain", schema, "pairs") == {}
    named = form("json_schema", schema, "pairs")["response_format"]["json_schema"]
    assert named == {"name": "pairs", "strict": True, "schema": schema}
    tools = form("tools", schema, "pairs")
    assert tools["tools"][0]["function"]["strict"] is True
    assert tools["tool_choice"]["function"]["name"] == tools["tools"][0]["function"]["name"]


def test_an_answer_that_came_as_the_forced_call_is_its_arguments() -> None:
    call = {"function": {"name": "submit", "arguments": '{"pairs": []}'}}
    forced = Completion(text="", tool_calls=(call,), finish_reason="tool_calls")
    assert unwrapped(forced).text == '{"pairs": []}' and unwrapped(forced).tool_calls == ()
    for other in (
        Completion(text="plain"),
        Completion(text="", tool_calls=(call, call)),
        Completion(text="", tool_calls=({"function": {"name": "f", "arguments": "{}"}},)),
        Completion(text="", tool_calls=({"function": {"name": "submit", "arguments": None}},)),
        Completion(text="", tool_calls=({"name": "submit"},)),
    ):
        assert unwrapped(other) == other
    cut = forced.model_copy(update={"finish_reason": "length"})
    assert unwrapped(cut).finish_reason == "length"
