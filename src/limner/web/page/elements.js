// An unchanged text is left alone, or a live region would speak it again, and a marked word lose its mark.
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text
}

export function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value)
}

export function show(element, isShown) {
  if (element.hidden === isShown) element.hidden = !isShown
}

export function copyOf(templateId) {
  return document.getElementById(templateId).content.firstElementChild.cloneNode(true)
}

// The elements of keyed things, in their order: made, moved and removed as these come and go, and otherwise left alone.
// Moving an element would take the focus from what is in it.
export function arrange(container, keyed, elementOf) {
  const wanted = keyed.map(elementOf)
  for (const element of [...container.children]) if (!wanted.includes(element)) element.remove()
  wanted.forEach((element, place) => {
    if (container.children[place] !== element) container.insertBefore(element, container.children[place] ?? null)
  })
}
