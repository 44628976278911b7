"""Requests on the Responses wire, as a chat asks for the same."""

from typing import Any

import pytest

from bot.domain.api import ApiError
from bot.gateway.responses.chat_request import to_chat
from bot.gateway.responses.compaction import pack
from bot.gateway.responses.items import to_input_items

PICTURE = "data:image/png;base64,iVBORw0KGgo="
WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "How it is outside",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    "strict": True,
}
TIME = {"type": "function", "name": "get_time"}


def chat(given: Any = "Hi", **more: Any) -> dict[str, Any]:
    body = {"model": "m", "input": given, **more}
    return to_chat(body, to_input_items(given))


def refusal(given: Any = "Hi", **more: Any) -> ApiError:
    with pytest.raises(ApiError) as caught:
        chat(given, **more)
    assert caught.value.status == 400
    return caught.value


def test_a_text_is_what_the_user_says() -> None:
    assert chat("Hi")["messages"] == [{"role": "user", "content": "Hi"}]


def test_items_without_a_type_are_messages() -> None:
    found = chat([{"role": "user", "content": "One"}, {"role": "assistant", "content": "Two"}])

    assert [one["role"] for one in found["messages"]] == ["user", "assistant"]


def test_instructions_and_opening_system_messages_are_one_system_message() -> None:
    items = [
        {"role": "developer", "content": "Speak like a pirate."},
        {"role": "system", "content": [{"type": "input_text", "text": "Be short."}]},
        {"role": "user", "content": "Hello"},
        {"role": "system", "content": "Now be long."},
    ]

    messages = chat(items, instructions="You are kind.")["messages"]

    assert messages == [
        {"role": "system", "content": "You are kind.\n\nSpeak like a pirate.\n\nBe short."},
        {"role": "user", "content": "Hello"},
        {"role": "system", "content": "Now be long."},
    ]


def test_pictures_files_and_sound_go_along_with_what_is_asked_of_them() -> None:
    parts = [
        {"type": "input_text", "text": "What is this?"},
        {"type": "input_image", "image_url": PICTURE, "detail": "low"},
        {
            "type": "input_file",
            "filename": "a.pdf",
            "file_data": "data:application/pdf;base64,AA==",
        },
        {"type": "input_audio", "input_audio": {"data": "AA==", "format": "wav"}},
    ]

    [message] = chat([{"role": "user", "content": parts}])["messages"]

    assert message["content"] == [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": PICTURE, "detail": "low"}},
        {
            "type": "file",
            "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AA=="},
        },
        {"type": "input_audio", "input_audio": {"data": "AA==", "format": "wav"}},
    ]


def test_text_alone_is_a_string_for_the_simplest_servers() -> None:
    [message] = chat([{"role": "user", "content": [{"type": "input_text", "text": "Hi"}]}])[
        "messages"
    ]

    assert message["content"] == "Hi"


def test_a_mark_for_the_prompt_cache_stays_where_it_stands() -> None:
    mark = {"mode": "explicit"}
    part = {"type": "input_text", "text": "Long.", "prompt_cache_breakpoint": mark}

    [message] = chat([{"role": "user", "content": [part]}])["messages"]

    assert message["content"] == [
        {"type": "text", "text": "Long.", "prompt_cache_breakpoint": mark}
    ]


def test_calls_side_by_side_are_one_message_of_the_model_and_outputs_follow_it() -> None:
    items = [
        {"role": "user", "content": "Weather and time?"},
        {"type": "reasoning", "id": "rs_1", "summary": []},
        {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "I look.", "annotations": []}],
        },
        {"type": "function_call", "call_id": "a", "name": "get_weather", "arguments": "{}"},
        {"type": "function_call", "call_id": "b", "name": "get_time", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "a", "output": "sunny"},
        {
            "type": "function_call_output",
            "call_id": "b",
            "output": [{"type": "input_text", "text": "noon"}],
        },
    ]

    messages = chat(items)["messages"]

    assert [one["role"] for one in messages] == ["user", "assistant", "tool", "tool"]
    assert messages[1]["content"] == "I look."
    assert [one["id"] for one in messages[1]["tool_calls"]] == ["a", "b"]
    assert messages[1]["tool_calls"][0]["function"] == {"name": "get_weather", "arguments": "{}"}
    assert messages[2:] == [
        {"role": "tool", "tool_call_id": "a", "content": "sunny"},
        {"role": "tool", "tool_call_id": "b", "content": "noon"},
    ]


def test_calls_after_an_output_are_a_message_of_their_own() -> None:
    items = [
        {"role": "user", "content": "Go."},
        {"type": "function_call", "call_id": "a", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "a", "output": "1"},
        {"type": "function_call", "call_id": "b", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "b", "output": "2"},
    ]

    roles = [one["role"] for one in chat(items)["messages"]]

    assert roles == ["user", "assistant", "tool", "assistant", "tool"]


def test_a_refusal_that_the_model_gave_is_what_it_said() -> None:
    items = [
        {"role": "user", "content": "Do it."},
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "I will not."}]},
        {"role": "user", "content": "Why?"},
    ]

    assert chat(items)["messages"][1] == {"role": "assistant", "content": "I will not."}


def test_what_was_summed_up_stands_for_what_was_said() -> None:
    items = [
        {"type": "compaction", "encrypted_content": pack("They chose Tuesday.")},
        {"role": "user", "content": "When?"},
    ]

    assert "They chose Tuesday." in chat(items)["messages"][0]["content"]


def test_functions_keep_all_that_is_said_of_them() -> None:
    found = chat(tools=[WEATHER, TIME], parallel_tool_calls=False, tool_choice="required")

    assert found["tools"][0]["function"] == {k: v for k, v in WEATHER.items() if k != "type"}
    assert found["tools"][1] == {"type": "function", "function": {"name": "get_time"}}
    assert found["tool_choice"] == "required"
    assert found["parallel_tool_calls"] is False


@pytest.mark.parametrize(
    ("choice", "chosen", "left"),
    [
        ("none", "none", ["get_weather", "get_time"]),
        (
            {"type": "function", "name": "get_time"},
            {"type": "function", "function": {"name": "get_time"}},
            ["get_weather", "get_time"],
        ),
        (
            {
                "type": "allowed_tools",
                "mode": "required",
                "tools": [{"type": "function", "name": "get_time"}],
            },
            "required",
            ["get_time"],
        ),
    ],
)
def test_a_choice_among_tools_means_the_same_in_a_chat(
    choice: Any, chosen: Any, left: list[str]
) -> None:
    found = chat(tools=[WEATHER, TIME], tool_choice=choice)

    assert found["tool_choice"] == chosen
    assert [tool["function"]["name"] for tool in found["tools"]] == left


def test_nothing_is_said_of_tools_where_there_are_none() -> None:
    found = chat(tools=[], tool_choice="auto", parallel_tool_calls=True)

    assert found.keys() == {"model", "messages"}


def test_the_shape_of_an_answer_its_length_and_its_effort_are_passed_on() -> None:
    schema = {"type": "object"}

    found = chat(
        text={
            "format": {"type": "json_schema", "name": "n", "schema": schema, "strict": True},
            "verbosity": "low",
        },
        max_output_tokens=50,
        reasoning={"effort": "low", "summary": "auto"},
        temperature=0.1,
        top_p=0.5,
        top_logprobs=3,
        stream=True,
    )

    assert found["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "n", "schema": schema, "strict": True},
    }
    assert (found["max_tokens"], found["reasoning_effort"]) == (50, "low")
    assert (found["temperature"], found["top_p"], found["verbosity"]) == (0.1, 0.5, "low")
    assert (found["logprobs"], found["top_logprobs"]) == (True, 3)
    assert found["stream_options"] == {"include_usage": True}
    assert not found.keys() & {"text", "reasoning", "max_output_tokens", "input"}


def test_what_only_the_models_server_knows_is_passed_on_untouched() -> None:
    found = chat(top_k=40, chat_template_kwargs={"thinking": False}, seed=7, service_tier="flex")

    assert found["top_k"] == 40
    assert found["chat_template_kwargs"] == {"thinking": False}
    assert (found["seed"], found["service_tier"]) == (7, "flex")


def test_what_a_chat_has_no_word_for_is_kept_from_it() -> None:
    found = chat(store=False, metadata={"a": "b"}, truncation="auto", include=[], max_tool_calls=2)

    assert found.keys() == {"model", "messages"}


@pytest.mark.parametrize(
    ("given", "more", "param"),
    [
        (3, {}, "input"),
        (None, {}, "input"),
        ([], {}, "input"),
        (["Hi"], {}, "input[0]"),
        ([{"role": "wizard", "content": "Hi"}], {}, "input[0].role"),
        ([{"role": "user"}], {}, "input[0].content"),
        ([{"role": "user", "content": [{"type": "input_text"}]}], {}, "input[0].content[0].text"),
        ([{"type": "web_search_call", "id": "x"}], {}, "input[0].type"),
        ([{"type": "mcp_call"}], {}, "input[0].type"),
        (
            [{"role": "user", "content": [{"type": "input_image", "file_id": "file-1"}]}],
            {},
            "input[0].content[0].image_url",
        ),
        (
            [{"role": "user", "content": [{"type": "input_file", "file_url": "https://x"}]}],
            {},
            "input[0].content[0].file_data",
        ),
        (
            [{"type": "function_call_output", "call_id": "gone", "output": "x"}],
            {},
            "input[0].call_id",
        ),
        (
            [{"type": "compaction", "encrypted_content": "gAAAA-from-elsewhere"}],
            {},
            "input[0].encrypted_content",
        ),
        ("Hi", {"tools": [{"type": "web_search"}]}, "tools[0].type"),
        ("Hi", {"tools": [TIME, {"type": "file_search"}]}, "tools[1].type"),
        ("Hi", {"tools": [{"type": "mcp", "server_label": "x"}]}, "tools[0].type"),
        ("Hi", {"tools": [{"type": "function"}]}, "tools[0].name"),
        ("Hi", {"tools": {"a": 1}}, "tools"),
        ("Hi", {"tools": [TIME], "tool_choice": "sometimes"}, "tool_choice"),
        (
            "Hi",
            {"tools": [TIME], "tool_choice": {"type": "function", "name": "other"}},
            "tool_choice",
        ),
        ("Hi", {"tool_choice": {"type": "web_search_preview"}}, "tool_choice.type"),
        ("Hi", {"text": {"format": {"type": "grammar"}}}, "text.format.type"),
        ("Hi", {"text": {"format": {"type": "json_schema", "name": "n"}}}, "text.format.schema"),
        ("Hi", {"max_output_tokens": 0}, "max_output_tokens"),
        ("Hi", {"max_output_tokens": True}, "max_output_tokens"),
        ("Hi", {"instructions": ["a"]}, "instructions"),
        ("Hi", {"background": True}, "background"),
        ("Hi", {"prompt": {"id": "p"}}, "prompt"),
        ("Hi", {"conversation": "c"}, "conversation"),
        ("Hi", {"truncation": "middle"}, "truncation"),
    ],
)
def test_what_cannot_be_served_is_refused_by_its_name(
    given: Any, more: dict[str, Any], param: str
) -> None:
    assert refusal(given, **more).param == param
