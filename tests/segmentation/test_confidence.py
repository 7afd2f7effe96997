import numpy as np
import pytest

from background_remover.errors import ModelError
from background_remover.segmentation.confidence import IDENTITY, agreement, confidence, from_text, to_text


def alpha(*values: float) -> np.ndarray:
    return np.array([values], dtype=np.float32)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((0, 0, 1, 1), 1),  # sure of everything
        ((0, 0, 0, 0), 0),  # nothing found
        ((0.5, 0.4), 0),  # nothing above one half
        ((0.8, 0.2), 0.8 / 1.2),
        ((0.9, 0.9, 0.3), 1.8 / 2.3),
    ],
)
def test_agreement_of_hand_made_alphas(values, expected):
    assert agreement(alpha(*values)) == pytest.approx(expected)


def test_agreement_is_the_expected_iou_of_independent_pixels():
    random = np.random.default_rng(0)
    probabilities = random.random((1, 400)).astype(np.float32)
    found = probabilities > 0.5
    ious = []
    for _ in range(400):
        truth = random.random(probabilities.shape) < probabilities
        ious.append((found & truth).sum() / (found | truth).sum())
    assert agreement(probabilities) == pytest.approx(np.mean(ious), abs=0.01)


def test_confidence_follows_the_curve():
    curve = ((0.0, 0.0), (0.5, 0.2), (1.0, 0.9))
    assert confidence(alpha(0.8, 0.2), curve) == pytest.approx(0.2 + (0.8 / 1.2 - 0.5) / 0.5 * 0.7)
    assert confidence(alpha(1, 0), IDENTITY) == 1


def test_text_and_back():
    curve = ((0.0, 0.0), (0.25, 0.125), (1.0, 0.97))
    assert from_text(to_text(curve), "a.onnx") == curve


@pytest.mark.parametrize("text", ["", "0:0", "1:0 0:1", "0:1 1:0", "0:0 1:2", "0:0 1", "a:b c:d"])
def test_a_damaged_curve_is_refused(text):
    with pytest.raises(ModelError, match=r"a\.onnx: its confidence"):
        from_text(text, "a.onnx")
