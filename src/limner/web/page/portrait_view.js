import { addressOf } from "./address.js"
import { arrange, copyOf, write } from "./elements.js"
import { chosenImage } from "./gallery.js"
import { drawnWords, joined } from "./words.js"

const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" })

// One image of a character large, with those drawn before it.
export class PortraitView {
  #dialog
  #items = new Map()

  constructor(dialog, onMore) {
    this.#dialog = dialog
    this.#find("#more-images").addEventListener("click", onMore)
  }

  show(character, { taskId }, gallery) {
    write(this.#find("h2"), character.name)
    const chosen = chosenImage(gallery, taskId)
    const { width, height } = (chosen ?? character.image).metadata.image ?? {}
    if (width) this.#find(".stand").style.setProperty("--shape", width / height)
    // Until the list has come, the newest is shown, which is known already.
    this.#showImage(character, chosen?.image_url ?? (taskId ? null : character.image_url))
    this.#showFacts(chosen)
    this.#showOthers(character, gallery, chosen)
    this.#dialog.dataset.read = gallery.items ? "some" : "not-yet"
    write(this.#find(".objection"), gallery.trouble?.message ?? "")
  }

  #showImage({ name }, url) {
    const image = this.#find(".large")
    if (url && image.getAttribute("src") !== url) image.src = url
    image.alt = `Portrait of ${name}`
    image.hidden = !url
    const download = this.#find(".download")
    download.hidden = !url
    download.href = url ?? ""
    download.download = `${name}.${url?.split(".").at(-1)}`
  }

  #showFacts(chosen) {
    const { metadata, at } = chosen ?? {}
    write(this.#find(".facts"), chosen ? `${DATE.format(new Date(at))}. ${drawnWords(metadata.duration_seconds)}` : "")
    write(this.#find(".made-by"), chosen ? joined(metadata.provider, metadata.model, size(metadata.image)) : "")
    write(this.#find(".prompt"), metadata?.prompt ?? "")
    this.#find(".words-used").hidden = !metadata?.prompt
  }

  #showOthers(character, { items, next }, chosen) {
    const shown = items ?? []
    this.#find(".others").hidden = shown.length < 2 && !next
    this.#find("#more-images").hidden = !next
    arrange(this.#find(".strip"), shown, (image) => this.#itemOf(image, character, image === chosen))
  }

  #itemOf({ task_id: taskId, at, metadata }, { id, name, plot_id: plotId }, isChosen) {
    if (!this.#items.has(taskId)) this.#items.set(taskId, copyOf("earlier-image"))
    const item = this.#items.get(taskId)
    const link = item.querySelector("a")
    link.href = addressOf({ plotId, dialog: "portrait", characterId: id, taskId })
    link.setAttribute("aria-label", `${name}, ${DATE.format(new Date(at))}`)
    if (isChosen) link.setAttribute("aria-current", "true")
    else link.removeAttribute("aria-current")
    const thumbnail = item.querySelector("img")
    if (thumbnail.getAttribute("src") !== metadata.image.thumbnail_url) thumbnail.src = metadata.image.thumbnail_url
    return item
  }

  #find(selector) {
    return this.#dialog.querySelector(selector)
  }
}

function size({ width, height }) {
  return `${width} × ${height}`
}
