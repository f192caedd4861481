import { addressOf } from "./address.js"
import { copyOf, setAttribute, show, write } from "./elements.js"
import { drawBar } from "./queue_bar.js"
import { isUnderWay } from "./queue_state.js"
import { byWords, courseWords, stateWords, troubleWords } from "./queue_words.js"

// One generation in one of the lists. It keeps its element from list to list, and with it the focus.
export class QueueEntry {
  element = copyOf("entry")
  #drawn
  #find = (selector) => this.element.querySelector(selector)

  show(entry, place) {
    const { plot_id: plotId, name, title, status, thumbnail_url: thumbnail } = entry
    setAttribute(this.element, "data-status", status)
    setAttribute(this.element, "data-task", entry.task_id)
    write(this.#find(".name"), name)
    setAttribute(this.#find(".name"), "href", addressOf({ plotId }))
    write(this.#find(".story"), title)
    write(this.#find(".by"), byWords(entry))
    write(this.#find(".place"), status === "pending" ? String(place + 1) : "")
    this.#showMark(isUnderWay(entry) ? null : status, thumbnail)
  }

  // What goes on by itself between two views.
  tick(entry, progress, scaleSeconds, nowMs) {
    const trouble = troubleWords(entry, nowMs)
    write(this.#find(".course"), courseWords(entry))
    write(this.#find(".state"), stateWords(entry, progress, nowMs))
    write(this.#find(".trouble"), trouble ?? "")
    show(this.#find(".trouble"), Boolean(trouble))
    this.element.toggleAttribute("data-late", Boolean(entry.late_since))
    if (entry.status !== "pending") this.#drawBar(entry, scaleSeconds)
  }

  // Of one that has ended nothing changes any more but the scale.
  #drawBar(entry, scaleSeconds) {
    const drawn = JSON.stringify([entry.status, entry.phases, scaleSeconds])
    if (drawn === this.#drawn) return
    this.#drawn = drawn
    drawBar(this.#find(".bar"), entry, scaleSeconds)
  }

  #showMark(outcome, thumbnail) {
    const [mark, image] = [this.#find(".mark svg"), this.#find("img")]
    mark.toggleAttribute("hidden", !outcome || Boolean(thumbnail))
    if (outcome) setAttribute(this.#find("use"), "href", `#${outcome}`)
    if (thumbnail) setAttribute(image, "src", thumbnail)
    show(image, Boolean(thumbnail))
  }
}
