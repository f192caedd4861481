"""The prompt that a character's own words make."""

import pytest

from limner.domain.prompt import check_template, portrait_prompt


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


@pytest.mark.parametrize(
    ("template", "prompt"),
    [
        ("{style} of {name}", "Ink of Mara"),
        ("A picture: {description}.", "A picture: old."),
        ("{name}[, {description}][ ({style})]", "Mara, old (ink)"),
        ("{{name}} is {name} [[so]]", "{name} is Mara [so]"),
        ("Mara? {description}", "Mara? Old"),
    ],
)
def test_a_template_says_how_the_words_stand_together(template: str, prompt: str) -> None:
    check_template(template)
    assert portrait_prompt("Mara", "old", "ink", template) == prompt


def test_what_is_in_brackets_is_left_out_with_the_words_in_it() -> None:
    template = "{name}[, {description}][ in {style}]."
    assert portrait_prompt("Mara", "", "ink", template) == "Mara in ink."
    assert portrait_prompt("Mara", "old", "", template) == "Mara, old."


def test_braces_in_the_authors_words_are_words() -> None:
    assert portrait_prompt("{style}", "[x", "", "{name}[ {description}]") == "{style} [x"


@pytest.mark.parametrize(
    "template",
    [
        "",
        "a face",
        "{style}",
        "{nickname}",
        "{name",
        "name}",
        "[{name}",
        "{name}]",
        "[[{name}]",
        "[a[{name}]]",
        "{}",
        "{name!r}",
        "{0}",
    ],
)
def test_a_template_that_can_make_no_prompt_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match=r"half|neither"):
        check_template(template)
