import { Card } from "./card.js"

// The cards of a story, in its order, before the form that adds one.
export class Board {
  #element
  #template
  #actions
  #cards = new Map()

  constructor(element, template, actions) {
    this.#element = element
    this.#template = template
    this.#actions = actions
  }

  show({ characters, link }, nowMs) {
    this.#remove(new Set(characters.map(({ id }) => id)))
    characters.forEach((character, place) => this.#cardAt(place, character.id).show(character, link, nowMs))
  }

  tick(nowMs) {
    for (const card of this.#cards.values()) card.tick(nowMs)
  }

  #remove(kept) {
    for (const [id, card] of this.#cards) {
      if (kept.has(id)) continue
      card.close()
      this.#cards.delete(id)
    }
  }

  #cardAt(place, id) {
    if (!this.#cards.has(id)) this.#cards.set(id, new Card(this.#template, this.#actions))

    const card = this.#cards.get(id)
    const there = this.#element.children[place]
    // Moving an element would take the focus from what is in it.
    if (there !== card.element) this.#element.insertBefore(card.element, there)
    return card
  }
}
