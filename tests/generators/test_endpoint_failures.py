"""What a response means: an answer, a reason to ask again, to give up, or to end the run."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from api_registry.errors import EndpointError
from generators.endpoint.answers import read_answer
from generators.endpoint.failures import Refused, Retry, failure_of, retry_after
from generators.types import Completion

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def response(**choice: Any) -> bytes:
    return json.dumps({"choices": [choice], "usage": {"prompt_tokens": 3}}).encode()


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0.25"}, 0.25),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9),
        ({"retry-after": "Sun, 01 Mar 2026 12:00:30 GMT"}, 30),
        ({"retry-after": "Sun, 01 Mar 2026 14:00:30 +0200"}, 30),
        ({"retry-after": "Sun, 01 Mar 2026 11:00:00 GMT"}, 0),
        ({"retry-after": "-3"}, 0),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "1e999"}, None),
        ({"retry-after": "later"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "Sun, 99 Mar 2026 12:00:30 GMT"}, None),
    ],
)
def test_a_wait_is_read_in_all_its_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (429, b"", Retry),
        (429, b'{"error": {"code": "rate_limit_exceeded", "message": "slow down"}}', Retry),
        (429, b'{"error": {"code": "insufficient_quota", "message": "no credit"}}', EndpointError),
        (429, b'{"error": {"code": 429, "type": "insufficient_quota"}}', EndpointError),
        (402, b"", EndpointError),
        (401, b"<html>no</html>", EndpointError),
        (403, b"", EndpointError),
        (404, b'{"detail": "Not Found"}', EndpointError),
        (400, b'{"object": "error", "message": "too long", "code": 400}', Refused),
        (413, b"", Refused),
        (422, b'{"detail": [{"loc": ["body"]}]}', Refused),
        (302, b"", Refused),
        (500, b"\xff\xfe", Retry),
        (529, b'"overloaded"', Retry),
        (599, b"[" * 5000, Retry),
    ],
)
def test_a_status_and_its_body_say_whether_to_ask_again(
    status: int, body: bytes, kind: type[Exception]
) -> None:
    assert type(failure_of(status, {}, body, "")) is kind


def test_only_overload_slows_the_client_down() -> None:
    slowing = [s for s in (408, 409, 425, 429, 500, 502, 503, 504, 529) if _overload(s)]
    assert slowing == [429, 503, 529]


def _overload(status: int) -> bool:
    failure = failure_of(status, {}, b"", "")
    return isinstance(failure, Retry) and failure.overloaded


def test_messages_show_neither_key_nor_markup_nor_more_than_a_line() -> None:
    body = "<html><b>no</b>\n" + "sk-live-abcdef123456 SECRETKEY " + "x" * 1000
    said = str(failure_of(500, {}, body.encode(), "SECRETKEY"))
    assert said.startswith("HTTP 500: no [key] [key] xxx")
    assert len(said) < 400 and "\n" not in said


def test_a_good_answer_is_read_with_its_calls_reason_and_usage() -> None:
    call = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    raw = response(message={"content": None, "tool_calls": [call]}, finish_reason="tool_calls")
    assert read_answer(raw) == Completion(
        text="", tool_calls=(call,), finish_reason="tool_calls", usage={"prompt_tokens": 3}
    )


@pytest.mark.parametrize("usage", [None, [], {"prompt_tokens": -1}, {"prompt_tokens": True}, "5"])
def test_a_usage_that_is_none_counts_nothing(usage: Any) -> None:
    raw = json.dumps({"choices": [{"message": {"content": "a"}}], "usage": usage}).encode()
    assert read_answer(raw) == Completion(text="a")


def test_a_byte_order_mark_is_no_reason_to_pay_twice() -> None:
    assert read_answer(b"\xef\xbb\xbf" + response(message={"content": "a"})).text == "a"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "the body is empty"),
        (b" \r\n ", "the body is empty"),
        (b"<!doctype html>", "the body is HTML"),
        (b"data: {}\n\ndata: [DONE]\n", "the body is not JSON"),
        (b'{"choices": [', "the body is not JSON"),
        (b'{"choices": []} trailing', "the body is not JSON"),
        (b"[" * 100_000, "the body is not JSON"),
        (b'{"a": \xff}', "the body is not UTF-8"),
        (b"null", "the body is null, expected an object"),
        (b"[]", "the body is list, expected an object"),
        (b"{}", "`choices` is null"),
        (b'{"choices": {}}', "`choices` is dict"),
        (b'{"choices": []}', "`choices` is empty"),
        (b'{"choices": [null]}', "the choice has no `message`"),
        (b'{"choices": [{"text": "a"}]}', "the choice has no `message`"),
        (b'{"error": {"message": "gone"}}', "an error with status 200: gone"),
        (response(message={"content": [{"type": "text"}]}), "`content` is list, expected text"),
        (response(message={"content": "", "tool_calls": {}}), "`tool_calls` is not a list of"),
        (response(message={"content": "", "tool_calls": ["f"]}), "`tool_calls` is not a list of"),
        (
            b'{"choices": [{"message": {"content": "", "tool_calls": [{"a": NaN}]}}]}',
            "the body is not JSON",
        ),
    ],
)
def test_what_is_no_answer_is_asked_for_again_and_says_why(raw: bytes, reason: str) -> None:
    with pytest.raises(Retry) as problem:
        read_answer(raw)
    assert str(problem.value).startswith(reason)


def test_a_quota_that_is_told_with_success_ends_the_run_all_the_same() -> None:
    with pytest.raises(EndpointError, match="add credit"):
        read_answer(b'{"error": {"code": "insufficient_quota", "message": "no credit"}}')
