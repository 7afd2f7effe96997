from background_remover.batch.ray.actors import Tally


def test_a_tally_knows_what_is_in_hand():
    tally = Tally()
    assert [tally.begin("a"), tally.begin("b"), tally.begin("a")] == [1, 1, 2]
    tally.end("a", "{}")
    assert [tally.begin("a"), tally.begin("a"), tally.begin("b")] == ["{}", "{}", 2]
    tally.forget(["a", "never"])
    assert [tally.begin("a"), tally.begin("b")] == [1, 3]
