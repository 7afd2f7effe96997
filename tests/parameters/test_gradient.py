import pytest

from background_remover import OptionError
from background_remover.parameters.gradient import Gradient, read_gradient

RED, BLUE = (255, 0, 0, 255), (0, 0, 255, 255)


@pytest.mark.parametrize(
    ("text", "gradient"),
    [
        ("gradient:red,blue", Gradient(RED, BLUE, 180)),
        ("gradient:red, #00f , 90", Gradient(RED, BLUE, 90)),
        ("gradient:rgb(255, 0, 0),rgb(0, 0, 255),-22.5", Gradient(RED, BLUE, 337.5)),
        ("gradient:red,#0000ff80,radial", Gradient(RED, (0, 0, 255, 128), None)),
    ],
)
def test_gradients(text, gradient):
    assert read_gradient(text) == gradient


@pytest.mark.parametrize(
    "text", ["gradient:", "gradient:red", "gradient:red,blue,1e9", "gradient:red,blue,nan", "gradient:red,blue,1,2"]
)
def test_what_is_no_gradient(text):
    with pytest.raises(OptionError, match="give gradient: and two colours, then an angle in degrees or radial"):
        read_gradient(text)


def test_a_colour_that_is_none_is_named():
    with pytest.raises(OptionError, match="background is 'whiteish'; give a colour"):
        read_gradient("gradient:red,whiteish")
