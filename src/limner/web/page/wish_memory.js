const NAME = "limner.wishes"
// A tab that is opened again another day must not draw what was given up on long ago.
const FORGET_MS = 3_600_000

// What a person has asked for and nobody has answered, kept by the tab while the page is loaded again.
export class WishMemory {
  #storageOf
  #kept = "{}"

  // storageOf gives the storage, or throws where it is forbidden: wishes then live as long as the page.
  constructor(storageOf) {
    this.#storageOf = storageOf
  }

  // {characterId: wish}
  recall(nowMs) {
    try {
      this.#kept = this.#storageOf().getItem(NAME) ?? "{}"
      const wishes = Object.entries(JSON.parse(this.#kept))
      return Object.fromEntries(wishes.filter(([, { sinceMs }]) => nowMs - sinceMs < FORGET_MS).map(recalled))
    } catch {
      return {}
    }
  }

  keep(wishes) {
    const text = JSON.stringify(wishes)
    if (text === this.#kept) return
    this.#kept = text
    try {
      this.#storageOf().setItem(NAME, text)
    } catch {
      // They are run all the same, for as long as the page is open.
    }
  }
}

// What was to be canceled is looked at before anything is sent: another image may have been begun since.
function recalled([characterId, wish]) {
  const { isCanceled, ...rest } = wish
  if (isCanceled) return [characterId, { ...rest, step: "kept", isCancel: true, isOfAsking: true }]
  return [characterId, wish.isCancel ? { ...wish, step: "kept" } : wish]
}
