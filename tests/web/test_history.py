"""What can be undone, and how much memory it may hold: plain functions that run in a browser."""

from playwright.sync_api import Page

MEGABYTE = 2**20
# Has histories take steps, given as [history, megabytes], and gives the labels of those that each can still undo.
UNDO = """async ([count, pushes, undone]) => {
    const { History } = await import(`/static/picture/history.js?${Math.random()}`); // with a budget of its own
    const histories = Array.from({ length: count }, () => new History());
    const step = (label, megabytes) => ({ label, bytes: megabytes * 2 ** 20, undo() {}, redo() {} });
    pushes.forEach(([history, megabytes], index) => histories[history].push(step(index, megabytes)));
    for (const history of undone) histories[history].undo();
    if (undone.length) histories[0].push(step(pushes.length, 200));
    const bytes = histories.reduce((sum, one) => sum + one.bytes, 0);
    return [histories.map((one) => one.done.map(({ label }) => label)), histories.map((one) => one.canRedo), bytes];
}"""


def undo(page: Page, count: int, *pushes: tuple[int, int], undone: tuple[int, ...] = ()) -> tuple[object, object]:
    """The steps that so many histories can undo and whether they can redo, and that they hold no more than they may."""
    steps, redo, held = page.evaluate(UNDO, [count, [list(one) for one in pushes], list(undone)])
    assert held <= 256 * MEGABYTE or len(pushes) == 1
    return steps, redo


def test_the_oldest_steps_of_all_pictures_are_forgotten(blank: Page) -> None:
    assert undo(blank, 3, (0, 100), (1, 100), (0, 50), (2, 60))[0] == [[2], [1], [3]]
    assert undo(blank, 2, *[(number % 2, 60) for number in range(8)])[0] == [[4, 6], [5, 7]]


def test_what_holds_nothing_stays_unless_it_was_done_before_what_is_forgotten(blank: Page) -> None:
    assert undo(blank, 2, (0, 0), (0, 200), (0, 0), (1, 0), (1, 100))[0] == [[2], [3, 4]]


def test_the_last_step_stays_however_much_it_holds(blank: Page) -> None:
    assert undo(blank, 1, (0, 300))[0] == [[0]]


def test_what_was_undone_counts_as_well(blank: Page) -> None:
    steps, redo = undo(blank, 2, (0, 10), (1, 100), undone=(1,))
    assert (steps, redo) == ([[2], []], [False, False])


def test_only_so_many_steps_are_kept(blank: Page) -> None:
    ((kept,), _) = undo(blank, 1, *[(0, 0)] * 120)
    assert kept == list(range(20, 120))
