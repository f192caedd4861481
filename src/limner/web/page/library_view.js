import { addressOf } from "./address.js"
import { arrange, copyOf, write } from "./elements.js"
import { counted } from "./words.js"

const UNREACHED = "Your stories can't be read just now. This page tries again by itself."

// The stories to choose from, or the welcome to one who has none yet.
export class LibraryView {
  #section
  #books
  #items = new Map()
  #shown

  constructor(section, onMore) {
    this.#section = section
    this.#books = section.querySelector("#books")
    section.querySelector("#more-plots").addEventListener("click", onMore)
  }

  show({ place, library }) {
    this.#section.hidden = Boolean(place.plotId)
    if (place.plotId || library === this.#shown) return

    this.#shown = library
    const { plots, next, trouble } = library
    this.#section.dataset.read = plots ? (plots.length > 0 ? "some" : "none") : "not-yet"
    this.#section.querySelector("#more-plots").hidden = !next
    const notice = this.#section.querySelector(".notice")
    notice.hidden = !trouble
    write(notice, trouble?.isUnanswered && !plots ? UNREACHED : (trouble?.message ?? ""))
    arrange(this.#books, plots ?? [], (plot) => this.#bookOf(plot))
  }

  #bookOf({ id, title, style, character_count: count }) {
    if (!this.#items.has(id)) this.#items.set(id, copyOf("book"))
    const item = this.#items.get(id)
    item.querySelector("a").href = addressOf({ plotId: id })
    write(item.querySelector(".book-title"), title)
    write(item.querySelector(".book-style"), style)
    write(item.querySelector(".book-count"), count > 0 ? counted(count, "character") : "No characters yet")
    return item
  }
}
