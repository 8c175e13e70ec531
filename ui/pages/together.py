"""Together: the people who watch together, and one list for all of them."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from recommender import InvalidInputError, KindredError, Recommender
from ui.components import together_list
from ui.components.page_parts import address_of, note, section, small_text
from ui.state import link
from ui.state.group_link import code_of, open_group
from ui.state.people import People, Person, current
from ui.state.taste import EMPTY, MovieId, Said, said_in
from ui.state.visit import Visit
from ui.text import count, escape_markdown, join_words
from ui.transfer.files import profile_file
from ui.transfer.files.table_reader import read_text
from ui.transfer.import_draft import Draft
from ui.transfer.imports import MOST_BYTES
from ui.transfer.uploads import discard_upload

__all__ = ["draw", "taste_of_file"]

_ADDED = "people-added"
"""Key of the number of people added on this page, with which its fields are emptied."""
_LONG = 2_000
"""Characters of an address that every program leaves whole."""


def draw(recommender: Recommender, visit: Visit) -> None:
    """Draw the page."""
    people = current()
    tonight = people.tonight()
    section(
        "Together",
        "One list for people who watch together, from what each of them rated. Who is in tonight?",
    )
    for colour, person in enumerate(people.everyone):
        _row(person, colour, people, recommender, visit)
    if not people.others:
        note("Nobody is here but you yet. Add someone: by link, by file, or to rate here by turns.")
    elif not tonight:
        note("Nobody who is in tonight has rated a film yet.")
    elif len(tonight) == 1:
        note(f"{join_words([*tonight])} alone: a list takes a second person who has rated films.")
    _adding(people, recommender, visit)
    if people.others:
        _sharing(people, recommender, visit)
    if len(tonight) > 1:
        together_list.draw(recommender, visit, tonight)


def _row(
    person: Person, colour: int, people: People, recommender: Recommender, visit: Visit
) -> None:
    """Draw one of the people: who it is, whether they are in, and what can be done."""
    name, films = escape_markdown(person.shown_name), len(person.visit.profile)
    key = f"here-{person.id}"
    with st.container(horizontal=True, vertical_alignment="center", key=f"person-{person.id}-row"):
        st.html(f'<i class="k-dot k-person-{colour}"></i>')
        st.session_state[key] = person.here
        st.toggle(name, key=key, on_change=visit.callback(_set_here, people, person, key))
        said = f"{count(films, 'film')} rated" if films else "Nothing rated yet"
        small_text(f"{said}, rating now" if people.others and person is people.now else said)
        if not films:
            _hand_over(person, people, visit, f"rate-{person.id}")
        _menu(person, people, recommender, visit)


def _set_here(people: People, person: Person, key: str) -> None:
    people.set_here(person, st.session_state[key])


def _hand_over(person: Person, people: People, visit: Visit, key: str) -> None:
    """Draw the button that lets somebody rate, or leads who does to the films."""
    if person is people.now:
        label, act = "Rate a few films", visit.callback(visit.go, "discover")
    else:
        to = "me" if person is people.own and not person.name else escape_markdown(person.name)
        label, act = f"Hand it to {to}", visit.callback(people.hand_to, person, "discover")
    st.button(label, key=key, on_click=act)


def _menu(person: Person, people: People, recommender: Recommender, visit: Visit) -> None:
    panel = st.popover("Options", key=f"menu-{person.id}", on_change=visit.clear_notice)
    if not panel.open:  # a link takes time to make
        return
    with panel:
        _hand_over(person, people, visit, f"hand-{person.id}")
        _name_field("Name", person, people, visit)
        code = code_of(person, recommender)
        if code:
            small_text("Their link:" if person.id else "Your link:")
            st.code(address_of(visit, f"taste={code}"), language=None, wrap_lines=True)
        elif code is None:
            small_text(_too_many([person]))
        if person.id:
            remove = visit.callback(_remove, people, person)
            label = f"Remove {escape_markdown(person.name)}"
            st.button(label, key=f"remove-{person.id}", on_click=remove)
            small_text("Removes all that they rated on this device. Nothing brings it back.")


def _name_field(label: str, person: Person, people: People, visit: Visit) -> None:
    key = f"name-{person.id}"
    st.text_input(
        label,
        person.name,
        key=key,
        on_change=visit.callback(_rename, people, person, visit, key),
    )


def _rename(people: People, person: Person, visit: Visit, key: str) -> None:
    try:
        people.rename(person, st.session_state[key])
    except InvalidInputError as problem:
        visit.notice = f"{problem}."


def _remove(people: People, person: Person) -> None:
    # Who is removed while they rate has no pages left to be told on.
    left = people.own if person is people.now else people.now
    people.remove(person)
    left.visit.notice = f"{person.name} is removed from this device, with all that they rated."


def _adding(people: People, recommender: Recommender, visit: Visit) -> None:
    """Draw the form that adds somebody."""
    turn = st.session_state.get(_ADDED, 0)
    with (
        st.expander("Add someone", expanded=not people.others, icon=":material/person_add:"),
        st.form(f"add-{turn}", border=False),
    ):
        name = st.text_input("Their name", key=f"add-name-{turn}")
        given = st.text_input("Their link, or a link for several people", key=f"add-link-{turn}")
        file = st.file_uploader(
            "Or their file from Kindred (Import & export, “Everything, for Kindred”)",
            type="json",
            key=f"add-file-{turn}",
            max_upload_size=MOST_BYTES >> 20,
        )
        small_text("With a name alone they can rate here: hand the device to them.")
        if not st.form_submit_button("Add", type="primary"):
            return
    visit.notice = None
    try:
        _add(people, visit, (name, given, file), recommender)
        st.session_state[_ADDED] = turn + 1
    except KindredError as problem:
        visit.notice = f"{problem}."
    st.rerun()


def _add(
    people: People,
    visit: Visit,
    given: tuple[str, str, UploadedFile | None],
    recommender: Recommender,
) -> None:
    """Add who is in a link or a file, or has but a name.

    Raises KindredError where that cannot be used.
    """
    name, address, file = given
    code = link.code_in(address)
    if link.is_group(code):
        open_group(people, visit, code, recommender)
        return
    notice, said = None, dict[MovieId, Said]()
    if code:
        opened = link.decode(code, recommender)
        notice, said = opened.notice, said_in(opened.profile)
        if not said:
            raise InvalidInputError((notice or "This link holds no films").rstrip("."))
    elif file:
        said, notice = taste_of_file(file.name, file.getvalue(), recommender)
        discard_upload(file)
    if said:
        people.add_taste(name.strip() or people.free_name(), said)
    else:
        people.add(name)
    visit.notice = notice


def taste_of_file(
    name: str, data: bytes, recommender: Recommender
) -> tuple[dict[MovieId, Said], str | None]:
    """Read what a file of Kindred's says of films here, and a notice about the rest.

    Raises KindredError where it is none, or holds no film of this collection.
    """
    films = tuple(profile_file.read(name, read_text(name, data)).films.values())
    draft = Draft.of(films, recommender)
    said = draft.changes(EMPTY).said
    if not said:
        raise InvalidInputError(f"{name} has no film of this collection: choose another file")
    if len(draft.found) == len(films):
        return said, None
    missing = count(len(films) - len(draft.found), "film")
    return said, f"Not in this collection, and left out: {missing} of {name}."


def _sharing(people: People, recommender: Recommender, visit: Visit) -> None:
    """Draw the link that opens everybody who is in tonight, or say what it needs."""
    panel = st.expander(
        "One link for all", key="group-link", icon=":material/link:", on_change="rerun"
    )
    if not panel.open:  # it takes time to make
        return
    members = [one for one in people.everyone if one.here and len(one.visit.profile)]
    with panel:
        if len(members) < 2:
            small_text("It is here as soon as two people with ratings are in tonight.")
        elif people.own in members and not people.own.name:
            _name_field("Your name, by which others know you", people.own, people, visit)
        else:
            _group_link(members, recommender, visit)


def _group_link(members: list[Person], recommender: Recommender, visit: Visit) -> None:
    codes = {one.name: code_of(one, recommender) for one in members}
    fitting = {name: code for name, code in codes.items() if code is not None}
    if large := [one for one in members if codes[one.name] is None]:
        note(_too_many(large))
    if not fitting:
        return
    address = address_of(visit, f"together={link.encode_group(fitting)}")
    st.code(address, language=None, wrap_lines=True)
    small_text(
        f"Whoever opens it has {join_words([*fitting])} on their device. It holds these names, "
        "numbers of films and ratings of them, and nothing else. Browsers never send this part of "
        "an address to a server."
    )
    if len(address) > _LONG:
        note(
            f"This link has {len(address):,} characters, and some programs cut long links: see "
            "that it arrives whole."
        )


def _too_many(people: list[Person]) -> str:
    names = join_words([one.shown_name for one in people])
    return (
        f"Too many films for a link: {names}. While they rate here, save the file “Everything, "
        "for Kindred” under Import & export, and add it on the other device."
    )
