import { removeBackground } from "../index.js";

const [file, progress, words, cutout] = ["file", "progress", "words", "cutout"].map((id) => document.getElementById(id));

file.addEventListener("change", async () => {
  try {
    const blob = await removeBackground(file.files[0], {
      onProgress: (stage, share) => ((progress.value = share), (words.textContent = stage)),
    });
    cutout.src = URL.createObjectURL(blob);
    cutout.alt = `${file.files[0].name} without its background`;
    cutout.hidden = false;
    words.textContent = "done";
  } catch (error) {
    words.textContent = `${error.kind ?? error.name}: ${error.message}`;
  }
});
