import { addressOf, readAddress } from "./address.js"

// Goes from place to place within the page: by its links, by script, and by the browser's own back and forward.
export class Navigation {
  #onMove
  #isLeaving = false

  // onMove gets the place one has come to.
  constructor(onMove) {
    this.#onMove = onMove
    window.addEventListener("popstate", () => this.#arrive())
    document.addEventListener("click", (event) => this.#follow(event))
  }

  get place() {
    return readAddress(location)
  }

  go(place) {
    history.pushState({ isOwn: true }, "", addressOf(place))
    this.#arrive()
  }

  // Another view of the same place: the back button does not go through each of them.
  turn(place) {
    history.replaceState(history.state, "", addressOf(place))
    this.#arrive()
  }

  // Back to where the dialog was opened from; whoever came by a link from outside stays in the page.
  leaveDialog() {
    if (!this.place.dialog || this.#isLeaving) return
    if (!history.state?.isOwn) return this.turn({ plotId: this.place.plotId })

    // One has not arrived there yet when this returns, and must not be sent back twice.
    this.#isLeaving = true
    history.back()
  }

  #arrive() {
    this.#isLeaving = false
    this.#onMove(this.place)
  }

  #follow(event) {
    const link = event.target.closest("a[href]")
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
    if (!link || !isPlain || link.target || link.hasAttribute("download")) return
    if (link.origin !== location.origin || link.pathname !== "/") return

    event.preventDefault()
    if ("turn" in link.dataset) this.turn(readAddress(link))
    else this.go(readAddress(link))
  }
}
