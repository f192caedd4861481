"""What is drawn: for the same character the same face, for another another, for any text one."""

import io
import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from limner.providers.avatar import beard, face, hair, hats, marks, places, wear
from limner.providers.avatar.lexicon import adjectives, kinds, lists, values
from limner.providers.avatar.portrait import compose
from limner.providers.avatar.sitter import Sitter
from limner.providers.avatar.studio import paint

_PROGRAM = (
    "import sys; from limner.providers.avatar.portrait import compose;"
    " from limner.providers.avatar.sitter import Sitter;"
    " sys.stdout.write(compose(Sitter('c', 'Vernon', sys.argv[1], 7)))"
)
WORDS = "a stout man with a large moustache and hardly any neck"

_texts = st.one_of(
    st.text(max_size=300),
    st.lists(
        st.sampled_from(
            (
                "a",
                "not",
                "no",
                "with",
                "and",
                ",",
                ".",
                "old",
                "blond",
                "red",
                "hair",
                "beard",
                "eyes",
                "hat",
                "wizard",
                "fat",
                "baby",
                "green",
                "coat",
                "queen",
                "robes",
                "scar",
                "glasses",
                "bald",
                "crown",
                "&",
                "<",
                ">",
                '"',
                "'",
                "]]>",
                "<script>",
                "\u0000",
                "@hair@",
                "url(#skin)",
                "\U0001f9d9",
                "\u8001\u4eba",
            )
        ),
        max_size=40,
    ).map(" ".join),
)


def test_a_portrait_is_a_png_of_768_by_768() -> None:
    image = Image.open(io.BytesIO(paint(Sitter("c", "Vernon", WORDS))))
    image.load()
    assert (image.format, image.size) == ("PNG", (768, 768))


def test_another_process_draws_the_same_character_the_same_way() -> None:
    there = subprocess.run(
        [
            sys.executable,
            "-c",
            _PROGRAM,
            WORDS,
        ],
        capture_output=True,
        check=True,
        env={"PYTHONHASHSEED": "12345"},
    )
    assert there.stdout.decode() == compose(Sitter("c", "Vernon", WORDS, 7))


def test_two_characters_of_the_same_words_do_not_look_the_same() -> None:
    drawings = {compose(Sitter(f"character-{number}", "X", "")) for number in range(50)}
    assert len(drawings) == 50


def test_another_seed_is_another_face() -> None:
    assert compose(Sitter("c", "X", WORDS, 1)) != compose(Sitter("c", "X", WORDS, 2))


def test_a_word_added_changes_what_it_speaks_of_and_nothing_else() -> None:
    plain, with_glasses = (
        compose(Sitter("c", "X", words)) for words in ("a man", "a man, glasses")
    )
    assert plain != with_glasses
    start = with_glasses.index('<g fill="#dff1ff"')
    assert with_glasses.startswith(plain[:start])


@given(_texts, _texts, st.one_of(st.none(), st.integers(0, 4_294_967_295)))
def test_any_text_makes_well_formed_svg_with_none_of_the_text_in_it(
    name: str, description: str, seed: int | None
) -> None:
    svg = compose(Sitter("c", f"zqzq{name}", f"zqzq{description}", seed))
    tags = {element.tag.rpartition("}")[2] for element in ET.fromstring(svg).iter()}  # noqa: S314  # ours
    assert "zqzq" not in svg
    assert "@" not in svg
    assert not tags & {"script", "image", "text", "foreignObject", "a", "style"}


def test_a_description_of_unpaired_surrogates_is_drawn_too() -> None:
    assert compose(Sitter("c\ud800", "\udfff", "a man \ud800 with a hat"))


_DRAWN = {
    "hair": frozenset(hair.STYLES),
    "beard": beard.names() | {""},
    "moustache": beard.names() | {""},
    "glasses": marks.GLASSES,
    "hat": hats.names() | {"plain"},
    "clothes": wear.names(),
    "scene": frozenset(places.PLACES),
    "mood": face.MOODS,
}


@pytest.mark.parametrize("trait", _DRAWN)
def test_everything_the_lexicon_can_say_can_be_drawn(trait: str) -> None:
    said = {
        value for table in ("sayings", "wardrobe") for t, value, _ in values(table) if t == trait
    }
    said |= {value for _, t, value, _ in adjectives() if t == trait}
    said |= {traits[trait] for _, traits in kinds() if trait in traits}
    assert said <= _DRAWN[trait]


@pytest.mark.parametrize("cut", sorted(hair.STYLES))
def test_every_haircut_has_its_drawings(cut: str) -> None:
    style = hair.STYLES[cut]
    assert style.under_hat in hair.STYLES
    assert {style.behind, style.above} <= hair.drawn() | {""}


def test_every_mark_and_extra_of_the_lexicon_can_be_drawn() -> None:
    assert set(lists("marks")) <= marks.MARKS | wear.extra_names() | {"patch"}


_KINDS = sorted(words[0] for words, _ in kinds())


@pytest.mark.parametrize("kind", _KINDS)
def test_every_kind_of_person_can_be_composed(kind: str) -> None:
    ET.fromstring(compose(Sitter("c", "X", f"a {kind}")))  # noqa: S314  # ours
