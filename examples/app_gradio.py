"""A page of Gradio with a photo and its cutout: python examples/app_gradio.py."""

import gradio
from PIL import Image

from background_remover import Options, Remover

remover = Remover()


def remove(photo: Image.Image, background: str) -> Image.Image:
    """Return the cutout of a photo, over a background unless that is "none"."""
    return remover.remove(photo, Options(background=background, allow_empty=True)).image


inputs = [gradio.Image(type="pil"), gradio.Textbox("none", label="Background")]
app = gradio.Interface(remove, inputs, gradio.Image(format="png"), title="Background remover")

if __name__ == "__main__":
    app.launch()
