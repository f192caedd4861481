const KEPT = 5

// Says each thing once, to those who listen instead of look.
export class Announcer {
  #region

  constructor(region) {
    this.#region = region
  }

  say(sentence) {
    const line = document.createElement("p")
    line.textContent = sentence
    this.#region.append(line)
    while (this.#region.children.length > KEPT) this.#region.firstElementChild.remove()
  }
}
