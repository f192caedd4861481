// What is known of each character's image. Whichever way news come, and in whatever order, they are told once, and only
// forward: `seq` is the number of a transition within its plot, so a higher one is later.
export class Ledger {
  #onStatus
  #known = new Map()
  // Of each character the newest image that was heard of, with the number of the transition by which it was there.
  #pictured = new Map()
  #newestSeq = 0

  // onStatus gets a status object, and the one known before it: null when it is the first of its character.
  constructor(onStatus) {
    this.#onStatus = onStatus
  }

  // Up to where everything has been told.
  get newestSeq() {
    return this.#newestSeq
  }

  get inFlight() {
    return [...this.#known.values()].filter(isInFlight).map(({ character_id }) => character_id)
  }

  knows(characterId) {
    return this.#known.has(characterId)
  }

  // From a stream, which leaves nothing out: what comes later can't be older than this.
  hearInOrder(status) {
    // At or below it, and of a character that nobody told us of: removed before we looked.
    if (status.seq <= this.#newestSeq && !this.knows(status.character_id)) return
    this.#newestSeq = Math.max(this.#newestSeq, status.seq)
    this.hear(status)
  }

  hear(status) {
    const before = this.#known.get(status.character_id) ?? null
    if (before && !isLater(status, before)) return

    this.#known.set(status.character_id, status)
    if (status.status === "completed") this.#pictured.set(status.character_id, status)
    if (status.seq !== null) this.#onStatus(status, before)
  }

  // The plot as it is now known: what was read may be older than what a stream has told since.
  brought(plot) {
    const characters = plot.characters.map((character) => ({ ...character, ...this.#imageOf(character) }))
    return { ...plot, characters }
  }

  // One statement has read them all, and numbers are given in commit order: nothing up to the newest is missing.
  hearAll({ characters }) {
    const images = characters.map(({ image }) => image).sort((one, other) => (one.seq ?? 0) - (other.seq ?? 0))
    const readSeq = images.at(-1)?.seq ?? 0
    this.#newestSeq = Math.max(this.#newestSeq, readSeq)
    this.#forgetAllBut(new Set(characters.map(({ id }) => id)), readSeq)
    for (const image of images) this.hear(image)
  }

  // Progress of another attempt, or of one that is over, would bring back what has been cleared.
  isOfNow({ character_id, task_id }) {
    const known = this.#known.get(character_id)
    return known !== undefined && known.task_id === task_id && isInFlight(known)
  }

  #imageOf({ id, image, image_url }) {
    const known = this.#known.get(id)
    const pictured = this.#pictured.get(id)
    const isOlder = pictured && isLater(pictured, image)
    if (image_url && !isOlder) this.#pictured.set(id, { seq: image.seq, image_url })
    return {
      image: known && isLater(known, image) ? known : image,
      image_url: isOlder ? pictured.image_url : image_url,
    }
  }

  #forgetAllBut(characterIds, readSeq) {
    for (const [characterId, { seq }] of this.#known) {
      // One with a higher number may have been added after this was read.
      if (characterIds.has(characterId) || (seq ?? 0) > readSeq) continue
      this.#known.delete(characterId)
      this.#pictured.delete(characterId)
    }
  }
}

export function isInFlight({ status }) {
  return status === "pending" || status === "generating"
}

export function isFinal({ status }) {
  return status === "completed" || status === "failed" || status === "canceled"
}

function isLater(status, known) {
  return (status.seq ?? 0) > (known.seq ?? 0)
}
