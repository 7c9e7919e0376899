// Searches the applications that are on the page as one types. Without this script the form asks the server, which
// finds the same: every word typed is somewhere in the name, the publisher, the description or the group.
const field = document.getElementById("q");
const none = document.getElementById("none-found");
const groups = [...document.querySelectorAll(".tile-group")].map((section) => ({
  section,
  tiles: [...section.querySelectorAll("li")].map((item) => ({
    item,
    text: fold([...item.querySelectorAll("bdi"), ...section.querySelectorAll("h2")].map((e) => e.textContent).join("\n")),
  })),
}));

// As the server does it: in any letter case, ß like ss, wide letters like narrow ones.
function fold(text) {
  return text.normalize("NFKC").toUpperCase().toLowerCase();
}

function filter() {
  const words = fold(field.value).split(/\s+/).filter(Boolean);
  let found = 0;
  for (const { section, tiles } of groups) {
    let inGroup = 0;
    for (const { item, text } of tiles) {
      item.hidden = !words.every((word) => text.includes(word));
      inGroup += item.hidden ? 0 : 1;
    }
    section.hidden = inGroup === 0;
    found += inGroup;
  }
  none.hidden = found > 0;
}

// A search that the server made shows what it found only: a change of it goes there again.
if (field && none && !new URLSearchParams(location.search).get("q")) {
  field.addEventListener("input", filter);
  // What the browser kept in the field when one came back to the page.
  if (field.value) filter();
}
