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

  // onRetry gets a character's id, onDismiss tasks' ids; onRelease is told when nobody looks at them any more.
  constructor(element, { onRetry, onDismiss, onRelease }) {
    this.#element = element
    this.#polite = element.querySelector("[aria-live=polite]")
    this.#alarming = element.querySelector("[aria-live=assertive]")
    this.#more = element.querySelector(".more")
    this.#actions = { onRetry, onDismiss }
    element.querySelector(".dismiss-all").addEventListener("click", () => {
      onDismiss([...this.#items.keys(), ...this.#hidden.map(({ taskId }) => taskId)])
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
    const wanted = new Set(visible.map(({ taskId }) => taskId))
    for (const taskId of this.#items.keys()) if (!wanted.has(taskId)) this.#items.delete(taskId)

    arrange(this.#alarming, visible.filter(({ isAlarm }) => isAlarm), (toast) => this.#itemOf(toast))
    arrange(this.#polite, visible.filter(({ isAlarm }) => !isAlarm), (toast) => this.#itemOf(toast))
    for (const toast of visible) this.#fill(toast, find({ characters }, toast.characterId), nowMs)
    this.#more.hidden = hidden.length === 0
    write(this.#more.querySelector("span"), `and ${hidden.length} more`)
  }

  #itemOf({ taskId, characterId }) {
    if (!this.#items.has(taskId)) {
      const item = copyOf("toast")
      item.querySelector(".retry").addEventListener("click", () => this.#actions.onRetry(characterId))
      item.querySelector(".dismiss").addEventListener("click", () => this.#dismiss(taskId))
      this.#items.set(taskId, item)
    }
    return this.#items.get(taskId)
  }

  #fill(toast, character, nowMs) {
    const item = this.#items.get(toast.taskId)
    const place = progressOf(character, nowMs)?.queue_position
    const { title, detail } = toastWords(toast, place, nowMs)
    item.dataset.phase = toast.phase
    write(item.querySelector(".toast-title"), title)
    write(item.querySelector(".toast-detail"), detail)
    item.querySelector(".retry").hidden = toast.phase !== "failed"
    item.querySelector(".dismiss").setAttribute("aria-label", `Dismiss: ${title}`)
  }

  // The keyboard goes on with the toast that is next.
  #dismiss(taskId) {
    const hadFocus = this.#items.get(taskId)?.matches(":focus-within")
    this.#actions.onDismiss([taskId])
    if (hadFocus) this.#element.querySelector(".dismiss")?.focus()
  }

  #dismissFocused(event) {
    for (const [taskId, item] of this.#items) {
      if (!item.matches(":focus-within")) continue
      // Else it would close the dialog in which they lie as well.
      event.preventDefault()
      return this.#dismiss(taskId)
    }
  }
}
