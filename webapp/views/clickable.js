// Shows HTML of ours and tells Python which button of it was clicked; an answer also brings its question to the top of the page when it begins.
// The HTML is harmless already; this is the second lock: it is parsed where nothing loads or runs,
// and whatever is not on this list is taken out before it reaches the page.
const TAGS = new Set(
  ("SECTION NAV FIGURE FIGCAPTION BLOCKQUOTE H3 H4 P Q SPAN BUTTON STRONG EM UL OL LI PRE CODE BR TABLE THEAD TBODY TR TH TD " +
    "BDI PROGRESS").split(" "))
const ATTRIBUTES = new Set(
  ["class", "type", "start", "role", "data-click", "aria-label", "aria-hidden", "aria-current", "max", "value"])

function harmless(html) {
  const template = document.createElement("template")
  template.innerHTML = html
  for (const element of template.content.querySelectorAll("*")) {
    if (!TAGS.has(element.tagName)) element.remove()
    for (const { name } of [...element.attributes]) if (!ATTRIBUTES.has(name)) element.removeAttribute(name)
  }
  return template.content
}

function replace(place, html) {
  const focused = place.contains(document.activeElement) ? document.activeElement.dataset.click : undefined
  place.replaceChildren(harmless(html))
  if (focused) place.querySelector(`[data-click="${CSS.escape(focused)}"]`)?.focus()
}

export default function ({ data, parentElement, setTriggerValue }) {
  const place = parentElement.querySelector("[data-clickable]")
  if (data.arrives && !place.shown) {
    requestAnimationFrame(() => place.closest("[class*=st-key-turn-]")?.scrollIntoView())
  }
  if (place.shown !== data.html) {
    replace(place, data.html)
    place.shown = data.html
  }
  place.onclick = (click) => {
    const button = click.target.closest("button[data-click]")
    if (button) setTriggerValue("click", button.dataset.click)
  }
}
