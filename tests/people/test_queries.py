"""The tree of teams, who can own a goal, and the letters that were written to files instead of being sent."""

from datetime import date

import pytest
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.filebased import EmailBackend
from hypothesis import given
from hypothesis import strategies as st

from people.models import Team
from people.queries import LONGEST_FILE, MOST_LETTERS, letters_in, possible_owners, team_tree


def names(branches):
    return [(branch.team.name, branch.depth, branch.above) for branch in branches]


def test_each_team_is_followed_by_all_below_it(cast):
    east = Team.objects.create(organization=cast.organization, parent=cast.sales, name="東日本")
    Team.objects.create(organization=cast.organization, parent=east, name="北海道")
    assert names(team_tree(Team.objects.filter(organization=cast.organization))) == [
        ("北灯珈琲", 0, ()),
        ("法人営業", 1, ()),
        ("東日本", 2, ("法人営業",)),
        ("北海道", 3, ("法人営業", "東日本")),
        ("オンライン店", 1, ()),
    ]


def test_a_part_of_the_tree_stands_on_its_own(cast):
    east = Team.objects.create(organization=cast.organization, parent=cast.sales, name="東日本")
    assert names(team_tree([cast.sales, east])) == [("法人営業", 0, ()), ("東日本", 1, ("法人営業",))]
    assert names(team_tree([east])) == [("東日本", 0, ())]
    assert team_tree([]) == []


@given(st.lists(st.integers(0, 30), max_size=30), st.randoms())
def test_every_team_stands_once_and_below_its_parent(parents, random):
    """Team number n hangs below one of the earlier ones, or at the top."""
    teams = [Team(pk=number, parent_id=above % number or None) for number, above in enumerate(parents, 1)]
    random.shuffle(teams)
    tree = team_tree(teams)
    assert sorted(branch.team.pk for branch in tree) == sorted(team.pk for team in teams)
    depth = {branch.team.pk: branch.depth for branch in tree}
    place = {branch.team.pk: number for number, branch in enumerate(tree)}
    for team in teams:
        above = team.parent_id
        if above is not None:
            assert place[above] < place[team.pk]
            assert depth[team.pk] == depth[above] + 1


def test_a_goal_goes_to_a_colleague_or_stays_with_whoever_has_it(cast):
    cast.colleague.left_on = date(2026, 5, 1)
    cast.colleague.save()
    inside = {cast.admin, cast.executive, cast.manager, cast.member}
    assert set(possible_owners(cast.member, None)) == inside
    assert set(possible_owners(cast.member, cast.colleague.pk)) == {*inside, cast.colleague}
    assert set(possible_owners(cast.member, cast.stranger.pk)) == inside


@pytest.fixture
def post(tmp_path):
    """Write a letter as Django's file backend does, one file for each sitting."""

    def write(*subjects, html=""):
        backend = EmailBackend(file_path=str(tmp_path))
        letters = [
            EmailMultiAlternatives(subject, "本文です。", "a@x.example", ["b@x.example"]) for subject in subjects
        ]
        for letter in letters:
            if html:
                letter.attach_alternative(html, "text/html")
        backend.send_messages(letters)

    return write


def test_a_letter_is_read_as_it_was_written(tmp_path, post):
    post("パスワードの再設定", html="<p>本文です。</p>")
    (letter,) = letters_in(tmp_path)
    assert (letter.subject, letter.to, letter.body) == ("パスワードの再設定", "b@x.example", "本文です。")
    assert letter.written_at is not None
    assert letter.written_at.utcoffset() is not None


def test_the_newest_letter_comes_first_in_a_file_and_among_files(tmp_path, post):
    post("一", "二")
    (older,) = tmp_path.glob("*.log")
    older.rename(tmp_path / "20260519-090000-1.log")
    post("三")
    assert [letter.subject for letter in letters_in(tmp_path)] == ["三", "二", "一"]


def test_only_the_newest_are_read(tmp_path, post):
    post(*(str(number) for number in range(MOST_LETTERS + 5)))
    letters = letters_in(tmp_path)
    assert len(letters) == MOST_LETTERS
    assert letters[0].subject == str(MOST_LETTERS + 4)


def test_what_cannot_be_read_is_left_out(tmp_path, post):
    post("読める")
    (tmp_path / "zz-huge.log").write_bytes(b"a" * (LONGEST_FILE + 1))
    (tmp_path / "zz-folder.log").mkdir()
    (tmp_path / "zz-notes.txt").write_text("Subject: no letter\n\n")
    assert [letter.subject for letter in letters_in(tmp_path)] == ["読める"]
    assert letters_in(tmp_path / "nowhere") == []


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"\xff\xfe\x00",
        b"no header at all",
        b"Subject: =?utf-8?b?4?=\n\nx",
        b"Content-Type: text/plain; charset=nonsense\nSubject: x\n\nx",
        b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n\xe3\x81",
        b"Content-Type: multipart/mixed\nSubject: x\n\nx",
        b"Date: yesterday\nSubject: x\n\nx",
        b"Subject: a\nSubject: b\nTo: <<<>>>,,\n\nx",
        b"Content-Type: image/png\nSubject: x\n\nx",
    ],
)
def test_a_damaged_file_breaks_nothing(tmp_path, written):
    (tmp_path / "damaged.log").write_bytes(written)
    assert len(letters_in(tmp_path)) <= 1


@given(st.binary(max_size=300))
def test_any_bytes_make_a_letter_or_none(tmp_path_factory, written):
    directory = tmp_path_factory.mktemp("letters")
    (directory / "a.log").write_bytes(b"Subject: x\nContent-Type: text/plain\n" + written)
    for letter in letters_in(directory):
        assert isinstance(letter.body, str)
