import { focusMain } from "./dialogs.js"
import { arrange, copyOf, write } from "./elements.js"
import { progressOf } from "./phase.js"
import { find } from "./story.js"
import { toastWords } from "./toast_words.js"
import { MOST, shown } from "./toasts.js"

// Three would cover half of what one looks at.
const MOST_ON_A_PHONE = 1
const phone = matchMedia("(width < 600px)")

// The toasts on the screen. What failed is said at once to those who listen, all else when they have a moment: so there
// are two regions, and a toast whose drawing fails moves from the one to the other.
export class ToastView {
  #element
  #polite
  #alarming
  #more
  #actions
  #items = new Map()
  #hidden = []

  // onRetry gets a character's id, onDismiss toasts' ids; onRelease is told when nobody looks at them any more.
  constructor(element, { onRetry, onDismiss, onRelease }) {
    this.#element = element
    this.#polite = element.querySelector("[aria-live=polite]")
    this.#alarming = element.querySelector("[aria-live=assertive]")
    this.#more = element.querySelector(".more")
    this.#actions = { onRetry, onDismiss }
    element.querySelector(".dismiss-all").addEventListener("click", () => {
      onDismiss([...this.#items.keys(), ...this.#hidden.map(({ id }) => id)])
    })
    element.addEventListener("mouseleave", () => this.isHeld || onRelease())
    element.addEventListener("focusout", () => queueMicrotask(() => this.isHeld || onRelease()))
    element.addEventListener("keydown", (event) => event.key === "Escape" && this.#dismissFocused(event))
  }

  // Whether somebody is at them, with the pointer or the keyboard: then none goes away.
  get isHeld() {
    return this.#element.matches(":hover") || this.#element.matches(":focus-within")
  }

  show({ toasts, characters }, nowMs) {
    const most = phone.matches ? MOST_ON_A_PHONE : MOST
    const { visible, hidden } = shown(toasts, characters, nowMs, most)
    this.#hidden = hidden
    const held = this.#heldFocus
    const wanted = new Set(visible.map(({ id }) => id))
    for (const id of this.#items.keys()) if (!wanted.has(id)) this.#items.delete(id)

    arrange(this.#alarming, visible.filter(({ isAlarm }) => isAlarm), (toast) => this.#itemOf(toast))
    arrange(this.#polite, visible.filter(({ isAlarm }) => !isAlarm), (toast) => this.#itemOf(toast))
    for (const toast of visible) this.#fill(toast, find({ characters }, toast.characterId), nowMs)
    this.#more.hidden = hidden.length === 0
    write(this.#more.querySelector("span"), `and ${hidden.length} more`)
    if (held) this.#keepFocus(held)
  }

  #itemOf({ id, characterId }) {
    if (!this.#items.has(id)) {
      const item = copyOf("toast")
      item.dataset.characterId = characterId
      item.querySelector(".retry").addEventListener("click", () => this.#actions.onRetry(characterId))
      item.querySelector(".dismiss").addEventListener("click", () => this.#actions.onDismiss([id]))
      this.#items.set(id, item)
    }
    return this.#items.get(id)
  }

  #fill(toast, character, nowMs) {
    const item = this.#items.get(toast.id)
    const place = progressOf(character, nowMs)?.queue_position
    const { title, detail } = toastWords(toast, place, nowMs)
    item.dataset.phase = toast.phase
    write(item.querySelector(".toast-title"), title)
    write(item.querySelector(".toast-detail"), detail)
    item.querySelector(".retry").hidden = toast.phase !== "failed"
    item.querySelector(".dismiss").setAttribute("aria-label", `Dismiss: ${title}`)
  }

  // Where the keyboard is, if it is here.
  get #heldFocus() {
    const control = document.activeElement
    if (!this.#element.contains(control)) return null
    const toast = control.closest(".toast")
    return { control, characterId: toast?.dataset.characterId, place: Math.max(0, this.#listed.indexOf(toast)) }
  }

  // A toast that goes, or goes to the other region, takes the focus with it: the keyboard goes on with the one that came
  // in its place, else with the next, else with what lies beneath.
  #keepFocus({ control, characterId, place }) {
    if (!control.isConnected || !control.checkVisibility()) {
      const listed = this.#listed
      const next = listed.find(({ dataset }) => dataset.characterId === characterId) ?? listed[place] ?? listed.at(-1)
      return next ? next.querySelector(".dismiss").focus() : this.#leaveFocus()
    }
    if (control !== document.activeElement) control.focus()
  }

  #leaveFocus() {
    const dialog = this.#element.closest("dialog")
    if (dialog) dialog.querySelector("[data-close]").focus()
    else focusMain()
  }

  get #listed() {
    return [...this.#element.querySelectorAll(".toast")]
  }

  #dismissFocused(event) {
    for (const [id, item] of this.#items) {
      if (!item.matches(":focus-within")) continue
      // Else it would close the dialog in which they lie as well.
      event.preventDefault()
      return this.#actions.onDismiss([id])
    }
  }
}
