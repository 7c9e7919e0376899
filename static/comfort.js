// Small comforts of the two interfaces. Every page works without them.

// Copying: a button names the field it copies by data-copy. It shows only where it works.
for (const button of document.querySelectorAll("button[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  if (!source || !navigator.clipboard) continue;
  button.hidden = false;
  const label = button.textContent;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(source.value ?? source.innerText);
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}

// Printing: for what is best kept on paper.
for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// Times: pages say them in UTC, and this browser knows where its reader is.
const local = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
for (const time of document.querySelectorAll("time.when")) {
  time.title = time.textContent;
  time.textContent = local.format(new Date(time.dateTime));
}

// A slug is made from the name while that is typed, as the server makes it, until somebody gives another one.
const named = document.getElementById("name");
const slug = document.getElementById("slug");
if (named && slug && !slug.value) {
  let made = "";
  named.addEventListener("input", () => {
    if (slug.value !== made) return;
    const words = named.value.normalize("NFKD").replace(/\p{M}/gu, "").split(/[^A-Za-z0-9_]+/);
    made = words.filter(Boolean).join("-").toLowerCase().slice(0, 50).replace(/-+$/, "");
    slug.value = made;
  });
}

// A colour can be picked, beside the field where it is written: that one can be empty too.
for (const picker of document.querySelectorAll("input[data-colour]")) {
  const written = document.getElementById(picker.dataset.colour);
  if (!written || written.readOnly) continue;
  picker.hidden = false;
  picker.addEventListener("input", () => { written.value = picker.value; });
  written.addEventListener("input", () => {
    if (/^#[0-9a-f]{6}$/i.test(written.value)) picker.value = written.value;
  });
}
