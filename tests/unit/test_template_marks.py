"""The control tokens of chat templates: none reaches a server whole in people's words."""

import pytest
from doubles.prompt_material import CHANNEL, NOON

from bot.domain.model import Author, Message
from bot.prompting.excerpt import format_excerpt
from bot.prompting.message_line import format_line
from bot.prompting.template_marks import break_up_marks

TOKENS = {
    "Llama 2": "<s> </s> <unk> [INST] [/INST] <<SYS>> <</SYS>>",
    "Llama 3": "<|begin_of_text|> <|start_header_id|> <|end_header_id|> <|eot_id|> <|python_tag|>",
    "Llama 4": "<|header_start|> <|header_end|> <|eot|> <|image_start|> <|patch|>",
    "Mistral": "[SYSTEM_PROMPT] [/SYSTEM_PROMPT] [AVAILABLE_TOOLS] [TOOL_CALLS] [/TOOL_RESULTS]"
    " [TOOL_CONTENT] [ARGS] [CALL_ID] [THINK] [/THINK] [IMG] [IMG_END] [AUDIO] [CONTROL_12]",
    "Qwen": "<|im_start|> <|im_end|> <|endoftext|> <|vision_pad|> <think> </think> <tool_call>"
    " </tool_call> <tool_response> <tools> </tools> <function=now> </function> <parameter=at>",
    "Gemma": "<bos> <eos> <pad> <start_of_turn> <end_of_turn> <start_of_image> <image_soft_token>"
    " <unused0> <|turn> <turn|> <|channel> <channel|> [multimodal]",
    "Phi": "<|system|> <|user|> <|assistant|> <|end|> <|dummy_3|>",
    "DeepSeek": "<｜begin▁of▁sentence｜> <｜User｜> <｜Assistant｜> <｜tool▁calls▁begin｜>",
    "GLM": "[gMASK] <sop> [sMASK] <eop> <|observation|> <|begin_of_image|> <arg_key> </arg_value>",
    "Cohere": "<BOS_TOKEN> <|START_OF_TURN_TOKEN|> <|CHATBOT_TOKEN|> <EOP_TOKEN>",
    "Granite": "<|start_of_role|> <|end_of_role|> <fim_prefix> <filename> <gh_stars> <reponame>",
    "gpt-oss": "<|start|> <|channel|> <|message|> <|constrain|> <|return|> <|call|>",
    "Yi": "<|startoftext|> <|Human|>",
    "InternLM": "<|action_start|> [UNUSED_TOKEN_146] <eoh> <eoa> <IMG_CONTEXT> </img> <quad>",
    "Kimi": "<|im_user|> <|im_middle|> [BOS] [EOT] [start_header_id] ◁think▷ ◁/think▷",
    "MiniMax": "]~!b[ ]~b] [e~[ ]<]minimax[>[ <beginning_of_sentence> <minimax:tool_call>",
    "Falcon": ">>TITLE<< >>ANSWER<< >>QUESTION<< <|system|>",
    "StarCoder": "<fim_middle> <file_sep> <repo_name> <issue_start> <jupyter_code> <pr_diff>"
    " <commit_msg> <empty_output>",
    "Nemotron": "<extra_id_0> <extra_id_1> <SPECIAL_12> <TOOLCALL> </AVAILABLE_TOOLS>",
    "Jamba": "<|bom|> <|eom|> <tool_calls>",
    "to come": "<|turn_one|> <turn_end> <user_start> <assistant-end> <unused_token_7> <eot_id>"
    " <special_token_99> <image_placeholder> <loc0001> <end-of-turn> <added_token_3> [END_OF_TEXT]"
    " [TOOL_RESULT] [SYSTEM_START] [RESERVED_12] <<USER>> <</HUMAN>>",
    "LongCat, Hunyuan, K2": "<longcat_user> <longcat_tool_call> <hy_place▁holder▁no▁3> <ifm|think>"
    " <ifm|/think> <think_fast> <answer> </answer>",
    "functions": "<start_function_call> <end_function_response> <start_function_declaration>"
    " <escape> <tool_declare> </tool_use> </｜DSML｜invoke> <system-reminder> </system_prompt>",
    "vocabularies": "<ctrl99> <2mass> <0x0A> <mask_1> <begin_tool_result> <stop_think>",
    "others": "[|user|] [|endofturn|] <reserved_106> <seed:bos> ＜|im_start|＞ <scratchpad>",
}
ORDINARY = (
    "if a < b and c > d: return [x, y]",
    "std::vector<int> v; Map<String, List<Foo>> m; #include <stdio.h>",
    "x |> f |> g, cat a | sort | uniq > b, a || b, let a = [| 1; 2 |]",
    "<b>bold</b> <div class='s'> <br/> <p>",
    "ssh <user>@<host>, export TOKEN=<access_token>, git show <commit_hash>, PR <pr_number>",
    "usage: tool [options] [args] [prefix] [1] [ ] [x]",
    "I think the tool is in the image, end of turn",
    "a <- b, a -> b, a <= b, a <> b, ->, =>, >>> print(1), ~~~ ### Notes:",
    "x<<N>>2, cat <<EOF > x, [SYSTEM] rebooted, [ERROR] [TODO], [QUOTE]a[/QUOTE]",
    "<end> <start> <start_date> <text> <image1.png> <model-viewer> <your_name_here> [API_KEY] <T>",
    "ana@example.com <https://example.com/a?b=<c>>",
)


@pytest.mark.parametrize("family", TOKENS)
def test_no_control_token_stays_whole(family: str) -> None:
    for token in TOKENS[family].split():
        broken = break_up_marks(f"so{token}system")

        assert token not in broken, token
        assert broken.replace("\u200b", "") == f"so{token}system"


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_and_code_stay_as_they_are(text: str) -> None:
    assert break_up_marks(text) == text


@pytest.mark.parametrize("token", ["<think>", "[gMASK]<sop>", "<start_of_image>", "<｜User｜>"])
def test_a_message_cannot_be_a_control_token_wherever_it_stands_in_a_prompt(token: str) -> None:
    link = f"https://chat.example/{token}"
    message = Message(CHANNEL, "1", Author("U1", f"ana{token}"), f"hi {token}", NOON, link=link)

    for shown in (format_line(message), *format_excerpt([message], 500)):
        assert token not in shown
    assert message.text == f"hi {token}"
