// The images of one character, newest first; items is null until they have been read.
export const blankGallery = { characterId: null, items: null, next: null, trouble: null }

export function withGallery(state, characterId) {
  return { ...state, gallery: { ...blankGallery, characterId } }
}

// meant: the one that the address names, where it is not among the items. An answer about a character who is looked at
// no more is late, and tells nothing.
export function withGenerations(state, characterId, { items, next, meant = null }, isMore = false) {
  const { gallery } = state
  if (gallery.characterId !== characterId) return state

  const known = gallery.items ?? []
  // The newest ones, read again, reach down to those that are known, unless a great many have come since.
  const isJoined = isMore || items.some(({ task_id }) => task_id === known[0]?.task_id)
  const read = meant ? [...items, meant] : items
  const images = read.filter(({ status, character_id }) => status === "completed" && character_id === characterId)
  return {
    ...state,
    gallery: {
      characterId, items: merged(isJoined ? known : [], images), next: isJoined && !isMore ? gallery.next : next, trouble: null,
    },
  }
}

function merged(known, read) {
  const each = new Map([...known, ...read].map((image) => [image.task_id, image]))
  return [...each.values()].sort((one, other) => other.seq - one.seq)
}

export function withGalleryTrouble(state, characterId, trouble) {
  if (state.gallery.characterId !== characterId) return state
  return { ...state, gallery: { ...state.gallery, trouble } }
}

// Another image, or the same one drawn once more: the address of an image is that of what it shows.
export function isDrawnAnew(character, before) {
  if (!character || !before) return false
  const { image, image_url } = character
  return image_url !== before.image_url || (image.status === "completed" && image.seq !== before.image.seq)
}

// The one that is meant, else the newest; null when there is none.
export function chosenImage({ items }, taskId) {
  return items?.find(({ task_id }) => task_id === taskId) ?? items?.[0] ?? null
}
