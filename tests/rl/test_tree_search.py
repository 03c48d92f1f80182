"""Known values, properties, matches and faults: tree search."""

import dataclasses

import numpy as np
import pytest

from fdl.errors import CheckpointError, TrainingDiverged
from fdl.rl import TreeSearch
from fdl.rl.tic_tac_toe import EMPTY, Board, best_result, symmetries
from fdl.rl.tree_search import Config, Node, by_playing_on, search


@pytest.fixture(scope="module")
def agent():
    made = TreeSearch(seed=0, device="cpu:1")
    made.learn(400, seed=0)
    return made


def board(mine, theirs):
    return Board(frozenset(mine), frozenset(theirs))


def match(first, second):
    """Return the result for who begins."""
    position, turn = EMPTY, 0
    while (result := position.result()) is None:
        position = position.play((first, second)[turn % 2](position))
        turn += 1
    return result if turn % 2 == 0 else -result


def results(player, other, games):
    """Return the results for the player, who begins every other game."""
    half = games // 2
    begun = [match(player, other) for _ in range(half)]
    return np.array(begun + [-match(other, player) for _ in range(half)])


def by_chance(rng):
    return lambda position: int(rng.choice(position.moves()))


def test_three_in_a_row_win():
    won = EMPTY
    for move in (4, 0, 2, 1):
        won = won.play(move)
        assert won.result() is None
    won = won.play(6)  # 2, 4, 6 are a diagonal
    assert won.result() == -1
    assert won.moves() == []
    full = board([0, 2, 3, 7], [1, 4, 5, 6, 8])
    assert full.result() == 0
    both = board([0, 1], [2, 3])
    assert both.moves() == [4, 5, 6, 7, 8]
    np.testing.assert_array_equal(
        np.flatnonzero(both.features()), [0, 1, 11, 12]
    )
    with pytest.raises(ValueError, match="`move` .=3. must be one of .4, 5"):
        both.play(3)


def test_perfect_players_draw_and_forks_are_won():
    assert best_result(EMPTY) == 0
    assert best_result(board([0, 1], [3, 7])) == 1  # 2 is free
    fork = board([0, 8], [4, 2])  # 6 threatens 3 and 7, and blocks
    assert best_result(fork) == 1
    assert best_result(fork.play(6)) == -1
    assert best_result(fork.play(1)) == 1  # 6 is theirs
    # as many positions as are known to be reached, the finished ones with them
    seen, new = {EMPTY}, [EMPTY]
    while new:
        new = [b.play(m) for b in new for m in b.moves()]
        new = [b for b in {*new} if b not in seen]
        seen |= {*new}
    assert len(seen) == 5478


def test_symmetries_are_eight_and_keep_rows():
    ways = symmetries()
    assert len({tuple(way) for way in ways}) == 8
    for way in ways:
        position = board([way[k] for k in (0, 4)], [way[k] for k in (1, 3)])
        assert position.play(int(way[8])).result() == -1


def test_the_next_move_balances_worth_and_curiosity():
    node = Node(board([0, 1, 5, 6], [2, 3, 4]))
    assert node.moves == [7, 8]
    node.prior = np.array([0.0] * 7 + [0.2, 0.8])
    node.tried[[7, 8]] = 3, 1
    node.worth[[7, 8]] = 1.5, 0.0
    # Q + c π √(1 + Σ N) / (1 + N)
    root = np.sqrt(5)
    scores = [0.5 + 1.0 * 0.2 * root / 4, 0 + 1.0 * 0.8 * root / 2]
    assert scores[1] > scores[0]
    assert node.choose(1.0) == 8
    assert node.choose(0.1) == 7


def test_a_search_finds_the_winning_move_and_the_one_that_saves():
    evaluate = by_playing_on(np.random.default_rng(0))
    shares = search(board([0, 1], [3, 7]), evaluate, 100)
    assert shares.argmax() == 2
    assert shares.sum() == pytest.approx(1)
    assert (shares[[0, 1, 3, 7]] == 0).all()
    assert search(board([4], [0, 1]), evaluate, 200).argmax() == 2
    with pytest.raises(ValueError, match="`board`.*goes on"):
        search(board([3, 4], [0, 1, 2]), evaluate, 5)


def test_results_change_sides_on_their_way_up():
    """What is lost for the other is won for me, two levels down as well."""
    even = (np.full(9, 1 / 9), 0.0)
    root = Node(board([0, 1], [3, 4]))  # 2 wins at once, 5 is theirs
    root.prior = even[0]
    for _ in range(60):
        root.visit(lambda position: even, 1.0)
    assert root.worth[2] / root.tried[2] == 1
    assert root.tried.argmax() == 2
    # any other move lets the other player win by 5, and the tree knows
    child = Node(root.board.play(8))
    child.prior = even[0]
    for _ in range(60):
        child.visit(lambda position: even, 1.0)
    assert child.worth[5] / child.tried[5] == 1


def test_a_rollout_tells_the_result_for_who_is_to_move():
    evaluate = by_playing_on(np.random.default_rng(0))
    prior, value = evaluate(board([0, 1, 5, 6], [2, 3, 4, 7]))  # 8 is left
    assert value == 0
    np.testing.assert_array_equal(np.flatnonzero(prior), [8])
    # 2 wins at once; after another move 6 loses, and the rest is a draw
    values = [evaluate(board([0, 1, 5], [3, 7, 8]))[1] for _ in range(300)]
    shares = [np.mean(np.equal(values, v)) for v in (1, 0, -1)]
    assert shares[0] > 1 / 3
    assert min(shares) > 0.05


def test_games_are_kept_from_both_sides():
    agent = TreeSearch(Config(simulations=5), seed=1)
    for k in range(6):
        rows = agent._play(np.random.default_rng(k))
        outcome = [result for _, _, result in rows]
        assert agent.results[-1] == outcome[0]
        assert all(a == -b for a, b in zip(outcome, outcome[1:]))
        last = rows[-1]
        taken = np.flatnonzero(last[0])
        assert len(taken) == len(rows) - 1
        if last[2]:
            assert last[2] == 1  # who makes the last move has won
        assert last[1][taken % 9].sum() == 0


def test_it_never_loses_to_chance(agent):
    assert str(agent.device) == "cpu(1)"
    found = results(agent.act, by_chance(np.random.default_rng(0)), 100)
    assert found.min() >= 0
    assert found.mean() > 0.8


def test_it_beats_plain_search_of_equal_budget(agent):
    c = agent.config
    evaluate = by_playing_on(np.random.default_rng(1))

    def plain(position):
        return int(search(position, evaluate, c.simulations, c.c).argmax())

    found = results(agent.act, plain, 60)
    assert (found == 1).sum() > 2 * (found == -1).sum()
    assert (found == 1).sum() > 5


def test_negative_control_chance_loses_to_search():
    evaluate = by_playing_on(np.random.default_rng(1))

    def plain(position):
        return int(search(position, evaluate, 25).argmax())

    found = results(by_chance(np.random.default_rng(0)), plain, 20)
    assert found.min() == -1
    assert found.mean() < -0.3


def test_one_seed_gives_one_run():
    small = Config(simulations=4, batch=8)
    runs = []
    for seed in (1, 1, 2):
        made = TreeSearch(small, seed=seed)
        made.learn(6, seed=seed)
        runs.append(made)
    assert runs[0].losses == runs[1].losses
    assert runs[0].results == runs[1].results
    assert runs[0].losses != runs[2].losses


def test_what_is_saved_goes_on_as_if_nothing_was(tmp_path):
    small, path = Config(simulations=4, batch=8), tmp_path / "agent.npz"
    made = TreeSearch(small)
    made.learn(5)
    made.save(path)
    other = TreeSearch(small, seed=9)
    other.load(path)
    for one in (made, other):
        one.learn(5)
    assert other.losses == made.losses
    with pytest.raises(CheckpointError, match="one has"):
        TreeSearch().load(path)


def test_acting_changes_nothing_and_a_callback_may_end_the_learning():
    made = TreeSearch(Config(simulations=4))
    before = [p.data().asnumpy() for p in made.net.collect_params().values()]
    assert len({made.act(EMPTY) for _ in range(5)}) == 1
    for then, p in zip(before, made.net.collect_params().values()):
        np.testing.assert_array_equal(then, p.data().asnumpy())
    made.learn(50, callbacks=[lambda a: len(a.results) == 3])
    assert len(made.losses) == 3


@pytest.mark.filterwarnings("ignore:overflow")
@pytest.mark.filterwarnings("ignore:invalid value")
def test_a_loss_that_is_no_number_is_told():
    config = Config(simulations=2, learning_rate=1e38)
    with pytest.raises(TrainingDiverged, match="`learning_rate`"):
        TreeSearch(config).learn(20)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("simulations", 0),
        ("c", 0),
        ("noise", 2),
        ("learning_rate", 0),
        ("batch", 0),
        ("kept", 0),
    ],
)
def test_bad_settings_are_told(name, value):
    with pytest.raises(ValueError, match=f"`{name}`"):
        dataclasses.replace(Config(), **{name: value})
    with pytest.raises(ValueError, match="`games`"):
        TreeSearch().learn(0)


def test_playing_on_tells_who_wins_from_where_one_sits():
    evaluate = by_playing_on(np.random.default_rng(0))
    # one field is left, and it makes a row; or it makes none
    prior, value = evaluate(
        Board(frozenset({0, 1, 5, 6}), frozenset({3, 4, 7, 8}))
    )
    np.testing.assert_array_equal(prior, np.eye(9)[2])
    assert value == 1
    drawn = Board(frozenset({0, 1, 5, 6}), frozenset({2, 3, 4, 8}))
    assert evaluate(drawn)[1] == 0


def test_a_position_and_its_images_teach_the_same():
    rng = np.random.default_rng(0)
    board, shares = EMPTY.play(4).play(0).play(1), rng.dirichlet(np.ones(9))
    seen = board.features()

    def loss(seen, shares):
        agent = TreeSearch(Config(hidden=(8,)), seed=0)
        return agent._update([(seen, shares, 0.5)])

    for way in symmetries():
        turned = seen.reshape(2, 9)[:, way].ravel()
        assert loss(turned, shares[way]) == pytest.approx(
            loss(seen, shares), rel=1e-5
        )
        if (way != np.arange(9)).any():  # shares that were not turned too
            other = loss(turned, shares)
            assert other != pytest.approx(loss(seen, shares), rel=1e-4)


def test_an_update_is_of_the_loss_that_is_stated():
    rng = np.random.default_rng(1)
    seen, shares = EMPTY.play(4).features(), rng.dirichlet(np.ones(9))
    agent = TreeSearch(Config(hidden=(8,)), seed=1)
    losses = []
    for way in symmetries():
        y = agent._host(seen.reshape(2, 9)[:, way].ravel())
        log_pi = y[:9] - np.log(np.exp(y[:9]).sum())
        losses.append(
            -(shares[way] * log_pi).sum() + (-1.0 - np.tanh(y[9])) ** 2
        )
    found = agent._update([(seen, shares, -1.0)])
    assert found == pytest.approx(np.mean(losses), rel=1e-5)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"c": np.nan}, "`c` .=nan. must be"),
        ({"c": -1.0}, "`c` .=-1.0. must be"),
        ({"prior": np.ones(8)}, r"`prior` .*shape \(9,\)"),
        ({"simulations": 0}, "`simulations` .=0. must be"),
    ],
)
def test_a_search_that_would_choose_anything_is_refused(given, message):
    evaluate = by_playing_on(np.random.default_rng(0))
    with pytest.raises(ValueError, match=message):
        search(EMPTY, evaluate, **{"simulations": 3, **given})


def test_without_curiosity_the_first_move_that_does_well_is_all_it_tries():
    def evaluate(board):
        return np.full(9, 1 / 9), -0.5  # who comes to move there does badly

    shares = search(EMPTY, evaluate, 20, 0.0)
    assert shares.max() == 1.0
