import { setAttribute, write } from "./elements.js"
import { progressOf } from "./phase.js"
import { loadingWords } from "./words.js"

// What lies over a card's frame while an image is waited for: the wand, the ring of the progress, and the words.
export class Veil {
  #card
  #ring
  #preview
  #shownPreview = null

  constructor(card) {
    this.#card = card
    this.#ring = card.querySelector(".ring")
    this.#preview = card.querySelector(".preview")
    // One that was long on its way may come after the end.
    this.#preview.addEventListener("load", () => (this.#preview.hidden = this.#shownPreview === null))
    // It lives for minutes only, and nothing is lost without it.
    this.#preview.addEventListener("error", () => (this.#preview.hidden = true))
  }

  show(character, phase, connection, nowMs) {
    const words = loadingWords(character, phase, connection, nowMs)
    for (const [part, text] of Object.entries(words)) write(this.#card.querySelector(`.words .${part}`), text)

    const progress = progressOf(character, nowMs)
    this.#showShare(progress?.progress ?? null, words.detail)
    this.#showPreview(character.preview)
    setAttribute(this.#ring, "aria-label", `Progress of the image of ${character.name}`)
  }

  clear() {
    this.#showPreview(null)
  }

  #showShare(share, text) {
    setAttribute(this.#card, "data-progress", share === null ? "unknown" : "known")
    // Through the object model, which a Content-Security-Policy without inline styles allows.
    for (const part of [this.#ring, this.#preview]) part.style.setProperty("--progress", share ?? 0)
    setAttribute(this.#ring, "aria-valuetext", text || "Waiting")
    if (share === null) this.#ring.removeAttribute("aria-valuenow")
    else setAttribute(this.#ring, "aria-valuenow", String(Math.round(share * 100)))
  }

  #showPreview(url) {
    if (url === this.#shownPreview) return
    this.#shownPreview = url
    if (url) this.#preview.src = url
    else this.#preview.hidden = true
  }
}
