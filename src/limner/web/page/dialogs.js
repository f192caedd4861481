// Opens the dialog that the address names, and closes it when the address does not name it any more.
export class Dialogs {
  #toasts
  #onLeave
  #opened = null
  #key = null
  #leftKey = null
  #returnTo = null

  // toasts: what must stay in reach while a dialog is open, which makes all outside of it inert. onLeave is called when
  // a person closes one.
  constructor(toasts, onLeave) {
    this.#toasts = toasts
    this.#onLeave = onLeave
    document.addEventListener("click", (event) => {
      if (event.target === this.#opened || event.target.closest("[data-close]")) this.#opened?.close()
    })
  }

  // key tells one opening from another; fill prepares the dialog before it is seen.
  open(key, element, fill) {
    // One that was left is in the address for a moment more.
    if (key === this.#key || key === this.#leftKey) return
    this.close()
    this.#key = key
    this.#opened = element
    fill()
    element.append(this.#toasts)
    element.addEventListener("close", () => this.#closed(element), { once: true })
    element.showModal()
  }

  close() {
    const element = this.#opened
    this.#leftKey = null
    if (!element) return
    this.#forget()
    element.close()
    this.#returnFocus()
  }

  // Where the keyboard goes when the dialog closes, instead of to where it was opened from.
  returnTo(focus) {
    this.#returnTo = focus
  }

  // By Escape, by a button or by a click beside it: the address follows.
  #closed(element) {
    if (element !== this.#opened) return
    this.#leftKey = this.#key
    this.#forget()
    this.#returnFocus()
    this.#onLeave()
  }

  #forget() {
    this.#opened = this.#key = null
    document.body.append(this.#toasts)
  }

  // The browser gives the focus back by itself, if what had it is still there.
  #returnFocus() {
    const focused = document.activeElement
    const isLost = !focused || focused === document.body || !focused.checkVisibility()
    if (this.#returnTo || isLost) (this.#returnTo ?? focusMain)()
    this.#returnTo = null
  }
}

// Without a leap to the top, for who has scrolled down.
export function focusMain() {
  const headings = [...document.querySelectorAll("main h1")]
  headings.find((heading) => heading.checkVisibility())?.focus({ preventScroll: true })
}
