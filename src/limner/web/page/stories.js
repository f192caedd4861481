import { addressOf } from "./address.js"

// The list from which one goes to another story.
export class Stories {
  #select

  constructor(select) {
    this.#select = select
    select.addEventListener("change", () => location.assign(addressOf(select.value)))
  }

  // chosenId may be older than the newest few that are listed, or gone.
  show(plots, chosenId) {
    this.#select.replaceChildren(...plots.map(({ id, title }) => new Option(title, id)))
    this.#select.hidden = plots.length === 0
    this.choose(chosenId)
  }

  choose(plotId) {
    if (plotId && !this.#has(plotId)) this.#select.prepend(new Option("This story", plotId))
    if (!plotId && !this.#has("")) this.#select.prepend(new Option("Go to a story", ""))
    this.#select.querySelector('[value=""]')?.toggleAttribute("hidden", Boolean(plotId))
    this.#select.value = plotId ?? ""
  }

  #has(value) {
    return [...this.#select.options].some((option) => option.value === value)
  }
}
