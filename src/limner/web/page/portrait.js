const RETRY_MS = 4_000
const RETRY_MOST_MS = 60_000

// The picture in a card's frame. A new one takes the old one's place only once it can be shown whole, and none is
// loaded before it is near the screen.
export class Portrait {
  #frame
  #url = null
  #alt = ""
  #image = null
  #coming = null
  #retry

  constructor(frame) {
    this.#frame = frame
  }

  show(url, alt) {
    this.#alt = alt
    if (this.#image) this.#image.alt = alt
    if (url === this.#url) return

    this.#url = url
    this.#forgetComing()
    if (url) this.#load(url, RETRY_MS)
  }

  close() {
    this.#forgetComing()
  }

  #forgetComing() {
    clearTimeout(this.#retry)
    this.#coming?.remove()
    this.#coming = null
  }

  #load(url, retryMs) {
    const image = new Image()
    image.className = "coming"
    image.alt = ""
    image.loading = "lazy"
    image.decoding = "async"
    image.draggable = false
    image.addEventListener("load", () => image === this.#coming && this.#replace(image))
    image.addEventListener("error", () => image === this.#coming && this.#loadLater(url, retryMs))
    this.#coming = image
    ;(this.#image ?? this.#frame.querySelector(".silhouette")).after(image)
    image.src = url
  }

  // The picture is stored before its address is told, so only the way to it can be broken.
  #loadLater(url, retryMs) {
    this.#forgetComing()
    this.#retry = setTimeout(() => this.#load(url, Math.min(2 * retryMs, RETRY_MOST_MS)), retryMs)
  }

  #replace(image) {
    const earlier = this.#image
    this.#coming = null
    this.#image = image
    image.alt = this.#alt
    image.className = "portrait"
    if (!earlier) return

    earlier.className = "earlier"
    // Not `animationend`, which never comes where motion is reduced.
    Promise.allSettled(image.getAnimations().map(({ finished }) => finished)).then(() => earlier.remove())
  }
}
