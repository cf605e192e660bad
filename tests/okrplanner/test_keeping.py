"""What is kept of pages that were drawn."""

from django.template import Context, Template

from okrplanner import keeping
from okrplanner.keeping import Kept


def test_the_oldest_pieces_give_way_to_new_ones_by_their_bytes(monkeypatch):
    monkeypatch.setattr(keeping, "MOST_BYTES", 20_000)
    template = Template("{% kept key %}{{ drawn }}{% endkept %}")
    (place,) = template.nodelist.get_nodes_by_type(Kept)

    def draw(number, length):
        return template.render(Context({"key": (number, "k" * length), "drawn": "x" * length}))

    for number in range(9):
        assert draw(number, 2_000) == "x" * 2_000
    kept = [key[1][0] for key in place.written]
    assert kept == [5, 6, 7, 8]
    assert 0 < place.bytes <= 20_000
    draw(9, 90_000)
    assert [key[1][0] for key in place.written] == [9], "one is kept, however large"
