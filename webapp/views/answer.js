// Shows an answer's HTML, brings its question to the top of the page when it begins, and tells Python which source was clicked.
// safe_markdown.py has made the HTML harmless; this is the second lock: it is parsed where nothing loads or runs,
// and whatever is not on this list is taken out before it reaches the page.
const TAGS = new Set(
  "SECTION NAV FIGURE FIGCAPTION BLOCKQUOTE H3 H4 P Q SPAN BUTTON STRONG EM UL OL LI PRE CODE BR TABLE THEAD TBODY TR TH TD".split(" "))
const ATTRIBUTES = new Set(["class", "type", "start", "role", "data-source", "aria-label", "aria-hidden"])

function harmless(html) {
  const template = document.createElement("template")
  template.innerHTML = html
  for (const element of template.content.querySelectorAll("*")) {
    if (!TAGS.has(element.tagName)) element.remove()
    for (const { name } of [...element.attributes]) if (!ATTRIBUTES.has(name)) element.removeAttribute(name)
  }
  return template.content
}

export default function ({ data, parentElement, setTriggerValue }) {
  const answer = parentElement.querySelector(".answer")
  if (data.running && !answer.shown) {
    requestAnimationFrame(() => answer.closest("[class*=st-key-turn-]")?.scrollIntoView())
  }
  if (answer.shown !== data.html) {
    answer.replaceChildren(harmless(data.html))
    answer.shown = data.html
  }
  answer.onclick = (click) => {
    const button = click.target.closest("button[data-source]")
    if (button) setTriggerValue("source", Number(button.dataset.source))
  }
}
