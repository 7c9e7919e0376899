// How long and varied a new password is, while it is typed. It stays here: whether it is a common one, the server finds out
// when it is set.
for (const box of document.querySelectorAll("[data-strength]")) {
  const field = document.getElementById(box.dataset.strength);
  const meter = box.querySelector("meter");
  const words = box.querySelector("[role=status]");
  field?.addEventListener("input", () => {
    const text = [...field.value];
    // Each different character counts twice at most: the repetition of few adds nothing.
    const counted = Math.min(text.length, 2 * new Set(text).size);
    const level = text.length === 0 ? 0 : counted < 10 ? 1 : counted < 16 ? 2 : 3;
    box.hidden = level === 0;
    meter.value = level;
    const said = ["", box.dataset.short, box.dataset.fair, box.dataset.long][level];
    if (words.textContent !== said) words.textContent = said;
  });
}
