"""A page of Streamlit with a photo and its cutout: streamlit run examples/app_streamlit.py."""

import streamlit

from background_remover import Error, Remover

streamlit.title("Background remover")
photo = streamlit.file_uploader("A photo")
if photo is not None:
    try:
        cut = streamlit.cache_resource(Remover)().remove(photo)
    except Error as error:
        streamlit.error(str(error))
    else:
        streamlit.image(cut.image, caption=f"confidence {cut.confidence:.2f}")
        streamlit.download_button("Save", cut.encode(), "cutout.png", "image/png")
