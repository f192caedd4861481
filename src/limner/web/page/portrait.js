const RETRY_MS = 4_000
const RETRY_MOST_MS = 60_000

// The picture in a card's frame. A new one takes the old one's place only once it can be shown whole.
export class Portrait {
  #frame
  #url = null
  #alt = ""
  #image = null
  #retry

  constructor(frame) {
    this.#frame = frame
  }

  show(url, alt) {
    this.#alt = alt
    if (this.#image) this.#image.alt = alt
    if (url === this.#url) return

    this.#url = url
    clearTimeout(this.#retry)
    if (url) this.#load(url, RETRY_MS)
  }

  close() {
    clearTimeout(this.#retry)
  }

  async #load(url, retryMs) {
    const image = new Image()
    image.className = "portrait"
    image.draggable = false
    image.src = url

    try {
      await image.decode()
    } catch {
      this.#loadLater(url, retryMs)
      return
    }
    if (url === this.#url) this.#replace(image)
  }

  // The picture is stored before its address is told, so only the way to it can be broken.
  #loadLater(url, retryMs) {
    if (url !== this.#url) return
    this.#retry = setTimeout(() => this.#load(url, Math.min(2 * retryMs, RETRY_MOST_MS)), retryMs)
  }

  #replace(image) {
    const earlier = this.#image
    this.#image = image
    image.alt = this.#alt
    if (!earlier) return this.#frame.querySelector(".silhouette").after(image)

    earlier.className = "earlier"
    earlier.after(image)
    // Not `animationend`, which never comes where motion is reduced.
    Promise.allSettled(image.getAnimations().map(({ finished }) => finished)).then(() => earlier.remove())
  }
}
