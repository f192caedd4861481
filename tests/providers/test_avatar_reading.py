"""What words lead to: which trait, whose colour, and what is denied."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.providers.avatar.palette import CLOTH, EYES, HAIR, SKIN
from limner.providers.avatar.reading import read
from limner.providers.avatar.traits import Trait

T = Trait

SAID = [
    ("a stout man with a large moustache", {T.SEX: "man", T.BUILD: "stout", T.MOUSTACHE: "walrus"}),
    ("hardly any neck", {T.NECK: "none"}),
    ("nearly twice the usual amount of neck", {T.NECK: "long"}),
    ("a long-necked woman", {T.NECK: "long", T.SEX: "woman"}),
    ("an eleven-year-old boy", {T.AGE: "child", T.SEX: "man"}),
    ("a freckled 15 year old", {T.AGE: "teen"}),
    ("a woman in her early sixties", {T.AGE: "old"}),
    ("a twenty-one-year-old sailor", {T.AGE: "adult"}),
    ("aged 45", {T.AGE: "middle"}),
    ("a six months old", {T.AGE: "baby"}),
    ("an old man", {T.AGE: "old", T.SEX: "man"}),
    ("a teenage girl", {T.AGE: "teen", T.SEX: "woman"}),
    ("messy black hair", {T.HAIR_KIND: "messy", T.HAIR_COLOUR: HAIR["black"]}),
    ("A RED-HAIRED GIRL", {T.HAIR_COLOUR: HAIR["red"]}),
    ("a blonde woman", {T.HAIR_COLOUR: HAIR["blond"]}),
    ("her hair is black and her eyes are green", {T.HAIR_COLOUR: HAIR["black"]}),
    ("her hair is black and her eyes are green", {T.EYE_COLOUR: EYES["green"]}),
    ("eyes green, hair long and white", {T.EYE_COLOUR: EYES["green"], T.HAIR_LENGTH: "long"}),
    ("eyes green, hair long and white", {T.HAIR_COLOUR: HAIR["white"]}),
    ("hair as black as coal", {T.HAIR_COLOUR: HAIR["black"]}),
    ("his brown eyes, blond beard", {T.EYE_COLOUR: EYES["brown"], T.BEARD_COLOUR: HAIR["blond"]}),
    ("black robes and silver hair", {T.CLOTH: CLOTH["black"], T.HAIR_COLOUR: HAIR["silver"]}),
    ("green and gold robes", {T.CLOTH: CLOTH["green"], T.TRIM: CLOTH["gold"]}),
    ("a blue, silk dress", {T.CLOTH: CLOTH["blue"], T.CLOTHES: "dress"}),
    ("dressed in black", {T.CLOTH: CLOTH["black"]}),
    ("a purple hijab", {T.HAT: "hijab", T.HAT_COLOUR: CLOTH["purple"]}),
    ("dark-skinned", {T.SKIN: SKIN["dark"]}),
    ("a pale girl", {T.SKIN: SKIN["pale"]}),
    ("half-moon spectacles", {T.GLASSES: "half"}),
    ("square glasses", {T.GLASSES: "square"}),
    ("sunglasses", {T.GLASSES: "sun"}),
    ("a tight bun", {T.HAIR: "bun"}),
    ("greasy shoulder-length hair", {T.HAIR_LENGTH: "shoulder", T.HAIR_KIND: "straight"}),
    ("a wild, tangled beard", {T.BEARD: "wild"}),
    ("a long silver beard", {T.BEARD: "long", T.BEARD_COLOUR: HAIR["silver"]}),
    ("a gray mustache", {T.MOUSTACHE: "plain", T.BEARD_COLOUR: HAIR["grey"]}),
    ("a hooked nose", {T.NOSE: "hooked"}),
    ("pointed ears", {T.EARS: "pointed"}),
    ("bushy eyebrows", {T.BROWS: "thick"}),
    ("fatter than his brothers", {T.BUILD: "stout"}),
    ("an angry man", {T.MOOD: "angry"}),
    ("a pirate", {T.HAT: "pirate", T.SCENE: "sea"}),
    ("a wizard in a pointed hat", {T.HAT: "wizard", T.SEX: "man"}),
    ("a knight in the forest", {T.CLOTHES: "armour", T.SCENE: "forest"}),
    ("bald", {T.HAIR: ""}),
    ("no hair at all", {T.HAIR: ""}),
    ("thinning hair", {T.HAIR: "fringe"}),
    ("a man with no beard and glasses", {T.BEARD: "", T.GLASSES: "round"}),
    ("no beard or moustache but a hat", {T.BEARD: "", T.MOUSTACHE: "", T.HAT: "plain"}),
    ("without glasses", {T.GLASSES: ""}),
    ("he doesn\u2019t wear glasses", {T.GLASSES: ""}),
    ("clean-shaven", {T.BEARD: "", T.MOUSTACHE: ""}),
    ("a beardless youth", {T.BEARD: ""}),
    ("she never smiles", {T.MOOD: "serious"}),
    ("never without his hat", {T.HAT: "plain"}),
    ("not old", {T.AGE: "adult"}),
    ("isn't fat", {T.BUILD: "average"}),
]  # fmt: skip

SILENT = [
    ("", T.SEX),
    ("an old black coat", T.AGE),
    ("a cat with green fur", T.EYE_COLOUR),
    ("not bald", T.HAIR),
    ("a hatter", T.HAT),
    ("a green door", T.CLOTH),
    ("red lips", T.HAIR_COLOUR),
    ("Grosser Mann mit Schnurrbart", T.MOUSTACHE),
]

MARKS = [
    ("a lightning scar", {"lightning"}),
    ("freckles and a wart", {"freckles", "wart"}),
    ("an eyepatch", {"patch"}),
    ("rosy-cheeked", {"cheeks"}),
    ("a string of pearls and earrings", {"pearls", "earrings"}),
    ("no freckles", set()),
    ("without an eyepatch or scar", set()),
]


@pytest.mark.parametrize(("words", "traits"), SAID)
def test_words_say_what_a_reader_would_take_them_to_say(words: str, traits: dict[T, str]) -> None:
    said = read("X", words).traits
    assert {trait: said.get(trait) for trait in traits} == traits


@pytest.mark.parametrize(("words", "trait"), SILENT)
def test_words_about_something_else_say_nothing_about_the_sitter(words: str, trait: T) -> None:
    assert trait not in read("X", words).traits


@pytest.mark.parametrize(("words", "marks"), MARKS)
def test_marks_are_seen_unless_they_are_denied(words: str, marks: set[str]) -> None:
    assert read("X", words).shown == marks


@pytest.mark.parametrize(
    ("name", "sex"),
    [
        ("Mrs Dursley", "woman"),
        ("Uncle Vernon", "man"),
        ("Sir Nicholas", "man"),
        ("Petunia", "woman"),
    ],
)
def test_a_name_tells_the_sex_when_the_description_does_not(name: str, sex: str) -> None:
    assert read(name, "thin, with a long neck").traits[T.SEX] == sex


def test_the_description_outweighs_the_name() -> None:
    assert read("Robin", "a girl with a bow").traits[T.SEX] == "woman"


def test_a_dark_shade_of_a_colour_is_darker_than_the_colour() -> None:
    assert read("X", "dark blue eyes").traits[T.EYE_COLOUR] < EYES["blue"]


@given(st.text(max_size=400), st.text(max_size=80))
def test_any_text_can_be_read(description: str, name: str) -> None:
    assert set(read(name, description).traits) <= set(T)


def test_a_description_of_any_length_is_read_to_its_four_thousandth_character() -> None:
    assert T.BEARD in read("X", "a beard " * 10_000).traits
    assert T.BEARD not in read("X", " " * 4000 + "a beard").traits
