"""The prompt that a character's own words make."""

import pytest

from limner.domain.prompt import portrait_prompt


def test_name_description_and_style_become_sentences_in_this_order() -> None:
    assert portrait_prompt("Mara", "a keeper of lights", "watercolour") == (
        "Portrait of Mara, head and shoulders. A keeper of lights. Style: watercolour."
    )


def test_a_character_without_description_or_style_is_still_a_portrait() -> None:
    assert portrait_prompt("Mara", "", "") == "Portrait of Mara, head and shoulders."


@pytest.mark.parametrize("end", [".", "!", "?", "…"])
def test_a_description_that_ends_as_a_sentence_gets_no_second_stop(end: str) -> None:
    prompt = portrait_prompt("Mara", f"Who is she{end}", "")
    assert prompt.endswith(f"Who is she{end}")


def test_only_the_first_letter_is_raised() -> None:
    assert "An old friend of NASA." in portrait_prompt("Mara", "an old friend of NASA", "")


def test_a_first_letter_that_has_no_capital_stays() -> None:
    assert portrait_prompt("Mara", "海の人", "").endswith("海の人.")
