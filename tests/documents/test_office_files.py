"""What LibreOffice wrote is read: text, tables, notes, comments, slides and sheets."""

import pytest
from document_reader import FILES, read_bytes, read_file, whole

TEXTS = ["harbour.docx", "harbour.odt", "harbour.rtf", "harbour.html"]
SHEETS = ["harbour.xlsx", "harbour.ods"]
SLIDES = ["harbour.pptx", "harbour.odp"]


@pytest.mark.parametrize("name", TEXTS)
def test_text_headings_lists_and_tables_are_read_in_order(name: str) -> None:
    said = whole(read_file(name))

    parts = ["The crane", "nine tonnes", "painted green", "Prices", "Load | Euros"]
    parts += ["Timber | 120", "- Ropes are checked weekly.", "Die Fähre", "nach Süden"]
    places = [said.find(part) for part in parts]
    assert -1 not in places
    assert places == sorted(places)


@pytest.mark.parametrize("name", ["harbour.docx", "harbour.odt", "harbour.rtf"])
def test_footnotes_and_comments_stand_where_they_belong(name: str) -> None:
    said = whole(read_file(name))

    assert said.index("Measured in 2024.") < said.index("Prices")
    assert said.index("Blue, I think.") < said.index("Prices")


@pytest.mark.parametrize("name", ["harbour.docx", "harbour.odt", "harbour.rtf"])
def test_what_was_deleted_is_not_read(name: str) -> None:
    assert "of lead" not in whole(read_file(name))


@pytest.mark.parametrize("name", ["harbour.docx", "harbour.odt", "harbour.rtf"])
def test_headers_and_footers_are_read_once(name: str) -> None:
    said = whole(read_file(name))

    assert said.count("Aurora Freight") == 1
    assert said.count("for internal use") == 1


@pytest.mark.parametrize("name", ["harbour.docx", "harbour.odt", "harbour.html"])
def test_a_document_has_the_title_that_its_author_gave(name: str) -> None:
    assert read_file(name).title == "The harbour handbook"


def test_pages_are_numbered_where_the_program_has_told_of_its_breaks() -> None:
    document = read_file("harbour.odt")

    assert document.pages == 2
    assert (document.passages[0].first_page, document.passages[0].last_page) == (1, 2)


@pytest.mark.parametrize("name", SHEETS)
def test_sheets_are_pages_with_their_names_and_rows(name: str) -> None:
    document = read_file(name)
    said = whole(document)

    assert document.pages == 2
    assert "Arrivals" in said
    assert "Ship | Day | Tonnes | Full | Insured" in said
    assert "Crew\nName | Duty\nÖzdemir | engineer" in said


@pytest.mark.parametrize("name", SHEETS)
def test_dates_and_percentages_are_read_as_people_see_them(name: str) -> None:
    assert "Aurora | 2026-03-02 | 1250.5" in whole(read_file(name))
    assert "82.5%" in whole(read_file(name))


@pytest.mark.parametrize("name", SHEETS)
def test_an_empty_cell_keeps_the_others_in_their_columns(name: str) -> None:
    assert "Möwe |  | unknown" in whole(read_file(name))


@pytest.mark.parametrize("name", SHEETS)
def test_comments_at_cells_are_read(name: str) -> None:
    assert "Weighed twice." in whole(read_file(name))


@pytest.mark.parametrize("name", SLIDES)
def test_slides_are_pages_with_titles_notes_and_tables(name: str) -> None:
    document = read_file(name)
    said = whole(document)

    assert document.pages == 2
    assert document.passages[0].heading == "The new quay"
    assert "Quay 7 opens in June.\nIt takes two ships.\nNotes: Thank the divers." in said
    assert "Depths\nSoundings of March.\nQuay | Depth\nSeven | 11 m" in said


@pytest.mark.parametrize("name", [*TEXTS, *SHEETS, *SLIDES])
def test_the_name_of_a_file_is_not_what_it_is(
    name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = (FILES / name).read_bytes()
    folder = tmp_path_factory.mktemp("posted")

    misnamed = read_bytes(folder, data, "notes.txt", "text/plain")

    assert misnamed == read_file(name)
