"""The measures of salient object detection against the published library, used directly."""

import sys

import numpy as np
import pytest

from background_remover.errors import Error, OptionError
from background_remover.evaluation import saliency
from tests.evaluation.test_metrics import Measure, alpha_of, disc, noise

SALIENCY: list[Measure] = [saliency.s_measure, saliency.weighted_f, saliency.e_measure]


@pytest.fixture
def library():
    return pytest.importorskip("py_sod_metrics")


@pytest.mark.parametrize("seed", range(4))
def test_saliency_measures_against_their_direct_use(library, seed):
    # Pixels of 0 and 255 in both: then the library's own stretch has nothing to stretch.
    alpha, truth = noise(seed), (noise(seed + 10) > 0.5).astype(np.float32)
    alpha[0, 0], alpha[-1, -1] = 0, 1
    alpha = np.round(alpha * 255).astype(np.uint8)
    direct = library.Smeasure(), library.WeightedFmeasure(), library.Emeasure()
    for measure in direct:
        measure.step(alpha, (truth * 255).astype(np.uint8))
    ours = [measure(alpha.astype(np.float32) / 255, truth) for measure in SALIENCY]
    s, weighted, enhanced = (measure.get_results() for measure in direct)
    theirs = s["sm"], weighted["wfm"], enhanced["em"]["curve"].mean()
    assert ours == pytest.approx(theirs, abs=2e-3)  # float32 may fall one of 256 thresholds lower


def test_a_faint_answer_is_not_stretched_into_a_firm_one(library):
    truth = disc(60, 80, (30, 40), 20)
    for measure in SALIENCY:
        assert measure(truth, truth) == pytest.approx(1, abs=5e-3)
        assert measure(truth * 0.3, truth) < 0.9


@pytest.mark.parametrize("measure", SALIENCY)
def test_saliency_of_other_sizes_is_refused(library, measure):
    with pytest.raises(OptionError, match="must share"):
        measure(np.ones((3, 4), np.float32), np.ones((1, 4), np.float32))


def test_saliency_of_no_subject(library):
    empty = np.zeros((10, 10), np.float32)
    assert saliency.s_measure(empty, empty) == 1
    assert saliency.e_measure(empty, empty) == pytest.approx(0.997 * 100 / 99, abs=1e-3)  # threshold 0 finds it all
    assert saliency.weighted_f(empty, empty) == 0


@pytest.mark.parametrize("rows", [("...#", "...#"), ("....", "####"), ("#", ".")])
def test_s_measure_is_undefined_for_a_subject_on_the_far_edge(library, rows):
    assert np.isnan(saliency.s_measure(alpha_of(*rows), alpha_of(*rows)))


@pytest.mark.parametrize("measure", SALIENCY)
def test_without_the_library_the_error_says_how_to_get_it(monkeypatch, measure):
    monkeypatch.setitem(sys.modules, "py_sod_metrics", None)
    with pytest.raises(Error, match=r"pip install 'background-remover\[evaluate\]'"):
        measure(noise(1), noise(2))
