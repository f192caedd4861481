const windowFrames = {
  request: (show) => requestAnimationFrame(show),
  cancel: (frame) => cancelAnimationFrame(frame),
}

// Has what changed shown: now, or together with all that changes until the next frame.
export class Frames {
  #show
  #frames
  #frame = null

  constructor(show, frames = windowFrames) {
    this.#show = show
    this.#frames = frames
  }

  now() {
    if (this.#frame !== null) this.#frames.cancel(this.#frame)
    this.#frame = null
    this.#show()
  }

  soon() {
    this.#frame ??= this.#frames.request(() => this.now())
  }

  // What has waited for a frame until now: none comes while a page is hidden.
  overdue() {
    if (this.#frame !== null) this.now()
  }
}
