"""WhatsApp's exported chats come in, in the shapes of its apps and languages."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from adapters.whatsapp.archive import WhatsAppChat
from adapters.whatsapp.stamps import find_order, split_line
from bot.domain.model import Message
from bot.domain.ports import BadLine

BERLIN = ZoneInfo("Europe/Berlin")


def chat(folder: Path, *lines: str, name: str = "WhatsApp Chat with Ana.txt") -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def read(path: Path) -> tuple[list[Message], WhatsAppChat]:
    archive = WhatsAppChat()
    archive.zone = BERLIN
    assert archive.recognizes(path)
    entries = list(archive.read_channels(path, archive.channels(path)))
    assert not [entry for entry in entries if isinstance(entry, BadLine)]
    return [entry for entry in entries if isinstance(entry, Message)], archive


@pytest.mark.parametrize(
    "line",
    [
        "31/12/2024, 21:41 - Ana: hi",
        "31/12/24 21:41 - Ana: hi",
        "12/31/24, 9:41\u202fPM - Ana: hi",
        "12/31/24, 9:41 PM - Ana: hi",
        "31.12.24, 21:41 - Ana: hi",
        "31-12-2024 21:41 - Ana: hi",
        "31/12/24, 9:41 p. m. - Ana: hi",
        "31/12/2024, 9:41 pm - Ana: hi",
        "2024-12-31, 21:41 - Ana: hi",
        "2024/12/31 21:41 - Ana: hi",
        "31.12.2024 klo 21.41 - Ana: hi",
        "2024년 12월 31일 오후 9:41, Ana : hi",
        "2024/12/31 下午9:41 - Ana: hi",
        "٣١‏/١٢‏/٢٠٢٤، ٩:٤١ م - Ana: hi",
        "[31/12/24, 21:41:00] Ana: hi",
        "\u200e[12/31/24, 9:41:00\u202fPM] Ana: hi",
        "[2024-12-31, 9:41:00 PM] Ana: hi",
        "[31.12.2024 klo 21.41.00] Ana: hi",
        "[2024/12/31 下午9:41:00] Ana: hi",
        "[31.12.24, 21:41:00] ~\u202fAna: hi",
    ],
)
def test_the_same_line_in_every_shape(tmp_path: Path, line: str) -> None:
    [said], _ = read(chat(tmp_path, line))

    assert (said.author.name, said.text) == ("Ana", "hi")
    assert said.at == datetime(2024, 12, 31, 21, 41, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("dates", "order"),
    [
        (["1/2/24, 10:00", "13/2/24, 10:00"], "dmy"),
        (["1/2/24, 10:00", "1/13/24, 10:00"], "mdy"),
        (["1/2/24, 10:00", "2/1/24, 10:00", "3/1/24, 10:00"], "mdy"),  # else time ran backwards
        (["5/1/24, 10:00", "6/1/24, 10:00", "1/2/24, 10:00"], "dmy"),
        (["2024-02-01, 10:00", "2024-02-02, 10:00"], "ymd"),
        (["1/2/24, 10:00 AM"], "mdy"),
        (["1.2.24, 10:00"], "dmy"),
    ],
)
def test_the_order_of_day_and_month_is_found_from_the_whole_file(
    dates: list[str], order: str
) -> None:
    found = [split_line(f"{date} - Ana: x") for date in dates]

    assert find_order(one[0] for one in found if one)[0] == order


def test_an_order_that_nothing_tells_is_said(tmp_path: Path) -> None:
    _, archive = read(chat(tmp_path, "1.2.24, 10:00 - Ana: hi"))

    assert any("dates are taken as day/month" in note for note in archive.notes)


def test_a_message_has_all_its_lines_and_notices_are_counted(tmp_path: Path) -> None:
    messages, archive = read(
        chat(
            tmp_path,
            "31/12/24, 21:40 - Messages and calls are end-to-end encrypted.",
            "31/12/24, 21:41 - Ana: one: two",
            "three",
            "",
            "12:30 four",
            '31/12/24, 21:42 - Bob changed the subject to "x: y"',
            "31/12/24, 21:43 - +49 170 1234567: fünf",
        )
    )

    assert [message.text for message in messages] == ["one: two\nthree\n\n12:30 four", "fünf"]
    assert messages[1].author.id == "+49 170 1234567"
    assert archive.skipped == {"notice": 2}


@pytest.mark.parametrize(
    "text",
    [
        *("<Media omitted>", "<Medien ausgeschlossen>", "<Multimedia omitido>", "<Médias omis>"),
        *("<Media omessi>", "<Mídia oculta>", "<Media weggelaten>", "<Без медиафайлов>"),
        *("<Pominięto multimedia>", "<メディアは含まれていません>", "<省略多媒体文件>"),
        *("\u200eimage omitted", "\u200eBild weggelassen", "\u200evideo omitted"),
        *("\u200eaudio omitido", "\u200eизображение опущено"),
    ],
)
def test_what_is_not_in_the_export_is_counted_as_such(tmp_path: Path, text: str) -> None:
    messages, archive = read(
        chat(tmp_path, f"[31/12/24, 21:41:00] Ana: {text}", "[31/12/24, 21:42:00] Ana: hi")
    )

    assert [message.text for message in messages] == ["hi"]
    assert archive.skipped == {"media that is not in the export": 1}


@pytest.mark.parametrize(
    "text",
    ["<3 you all", "image omitted, sorry", "I deleted this message", "<b>bold</b>", "-null-"],
)
def test_what_only_looks_so_is_kept(tmp_path: Path, text: str) -> None:
    [said], _ = read(chat(tmp_path, f"31/12/24, 21:41 - Ana: {text}"))

    assert said.text == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("IMG-1-WA0001.jpg (file attached)\nlook", "look\n[picture: IMG-1-WA0001.jpg]"),
        ("plan.pdf (Datei angehängt)", "[file: plan.pdf]"),
        ("\u200e<attached: 0012-PHOTO.jpg>", "[picture: 0012-PHOTO.jpg]"),
        ("\u200eplan.pdf • \u200e3 pages \u200edocument omitted", "[file: plan.pdf]"),
        ("done \u200e<This message was edited>", "done"),
        ("fertig <Diese Nachricht wurde bearbeitet.>", "fertig"),
    ],
)
def test_files_are_named_and_notes_on_edits_are_left_out(
    tmp_path: Path, text: str, shown: str
) -> None:
    [said], _ = read(chat(tmp_path, f"[31/12/24, 21:41:00] Ana: {text}"))

    assert said.text == shown


@pytest.mark.parametrize(
    ("name", "channel"),
    [
        ("WhatsApp Chat with Ana.txt", "Ana"),
        ("WhatsApp-Chat mit Die Küche.txt", "Die Küche"),
        ("Chat de WhatsApp con Bob (1).txt", "Bob"),
        ("WhatsApp Chat - Family/_chat.txt", "Family"),
        ("anything.txt", "anything"),
    ],
)
def test_the_chat_is_called_as_its_file_or_its_folder_says(
    tmp_path: Path, name: str, channel: str
) -> None:
    [said], _ = read(chat(tmp_path, "31/12/24, 21:41 - Ana: hi", name=name))

    assert said.channel.id == channel


def test_ids_stay_the_same_when_the_chat_has_grown_or_the_zone_is_another(tmp_path: Path) -> None:
    lines = ["31/12/24, 21:41 - Ana: ?", "31/12/24, 21:41 - Ana: ?", "31/12/24, 21:42 - Bob: !"]
    before, _ = read(chat(tmp_path, *lines))
    archive = WhatsAppChat()
    path = chat(tmp_path, *lines, "01/01/25, 00:00 - Ana: more")

    after = [
        entry
        for entry in archive.read_channels(path, archive.channels(path))
        if isinstance(entry, Message)
    ]

    assert [one.id for one in after][:3] == [one.id for one in before]
    assert len({one.id for one in after}) == 4


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_other_encodings_are_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "WhatsApp Chat with Ana.txt"
    path.write_bytes("31/12/24, 21:41 - Ana: naïve 🎉\r\n".encode(encoding))

    assert [one.text for one in read(path)[0]] == ["naïve 🎉"]


@pytest.mark.parametrize(
    "content",
    ["", "just a letter\nof two lines\n", "2024-12-31 21:41:00\tana\thello", "[21:41] <ana> hi"],
)
def test_other_texts_are_not_taken_for_a_chat(tmp_path: Path, content: str) -> None:
    assert not WhatsAppChat().recognizes(chat(tmp_path, content, name="x.txt"))


MONTH_FIRST = ("7/13/26, 9:00 AM - Ana: hi", "7/14/26, 9:00 AM - Bob: the plan is:")
DAY_FIRST = ("13/07/2026, 09:00 - Ana: hi", "14/07/2026, 09:00 - Bob: the plan is:")
YEAR_FIRST = ("2026-07-13, 09:00 - Ana: hi", "2026-07-14, 09:00 - Bob: the plan is:")


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (MONTH_FIRST, "14/07/2026, 10:00 - not a header"),
        (MONTH_FIRST, "31/12/26 21:41 - fireworks, bring chairs"),
        (MONTH_FIRST, "15/07/2026, 10:00 - Carl: from another chat"),
        (DAY_FIRST, "7/15/26, 10:00 AM - lunch"),
        (DAY_FIRST, "45/45/2026, 10:00 - nobody's calendar"),
        (YEAR_FIRST, "30/07/2026, 10:00 - the harbour"),
    ],
)
def test_a_line_with_a_date_that_cannot_be_in_this_file_is_text(
    tmp_path: Path, said: tuple[str, ...], line: str
) -> None:
    last = said[1].replace("14", "16").replace("the plan is:", "fine")

    messages, _ = read(chat(tmp_path, *said, line, "and so on", last))

    assert [one.text for one in messages] == ["hi", f"the plan is:\n{line}\nand so on", "fine"]


@pytest.mark.parametrize("line", ["99/99/2026, 10:00 - Ana: hm", "31/02/2026, 10:00 - Ana: hm"])
def test_what_somebody_said_on_a_day_that_is_in_no_calendar_is_told(
    tmp_path: Path, line: str
) -> None:
    archive = WhatsAppChat()
    path = chat(tmp_path, *DAY_FIRST, line)

    entries = list(archive.read_channels(path, archive.channels(path)))

    assert [isinstance(one, BadLine) for one in entries] == [False, False, True]
