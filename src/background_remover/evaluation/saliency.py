"""The measures of salient object detection, by PySODMetrics: two alphas in, a number out.

They take `alpha` and `truth` as those of `metrics` do, and know no undecided border. Higher is better.
"""

from importlib import import_module
from types import ModuleType

import numpy as np

from background_remover.errors import Error
from background_remover.evaluation.metrics import subject_masks
from background_remover.types import Alpha


def s_measure(alpha: Alpha, truth: Alpha) -> float:
    """Return the structure measure (Fan et al., ICCV 2017), in [0, 1], by PySODMetrics.

    It cuts the picture in four at the subject's centre. Where that lies in the last row or column two of the four are
    empty and the measure is undefined: NaN. Raises `Error` without PySODMetrics.
    """
    measure = load_pysodmetrics().Smeasure()
    subject = subject_masks(alpha, truth, None)[1]
    if subject.any() and not subject.all():
        centre = np.argwhere(subject).mean(axis=0).round()
        if (centre >= np.array(subject.shape) - 1).any():
            return float("nan")
    # PySODMetrics stretches by minimum and maximum unless asked not to: a faint alpha would score like a solid one.
    measure.step(alpha, subject, normalize=False)
    return float(measure.get_results()["sm"])


def weighted_f(alpha: Alpha, truth: Alpha) -> float:
    """Return the weighted F-measure (Margolin et al., CVPR 2014), in [0, 1], by PySODMetrics.

    Errors weigh less beside the subject than far from it. A truth without subject gives 0, whatever the alpha.
    Raises `Error` without PySODMetrics.
    """
    measure = load_pysodmetrics().WeightedFmeasure()
    measure.step(alpha, subject_masks(alpha, truth, None)[1], normalize=False)
    return float(measure.get_results()["wfm"])


def e_measure(alpha: Alpha, truth: Alpha) -> float:
    """Return the enhanced-alignment measure (Fan et al., IJCAI 2018), by PySODMetrics: the mean over 256 thresholds.

    The definition divides by one pixel less than the picture has, so a perfect score is slightly above 1.
    Raises `Error` without PySODMetrics.
    """
    measure = load_pysodmetrics().Emeasure()
    measure.step(alpha, subject_masks(alpha, truth, None)[1], normalize=False)
    return float(measure.get_results()["em"]["curve"].mean())


def load_pysodmetrics() -> ModuleType:
    """Return the library behind the three saliency measures; raises `Error` with the way to install it."""
    try:
        # Late and by name: it is optional, carries no types, and with OpenCV behind it takes seconds.
        return import_module("py_sod_metrics")
    except ImportError as error:
        raise Error(
            f"the saliency measures need PySODMetrics ({error}): pip install 'background-remover[evaluate]'"
        ) from error
