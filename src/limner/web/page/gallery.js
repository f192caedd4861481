// The images of one character, newest first; items is null until they have been read.
export const blankGallery = { characterId: null, items: null, next: null, trouble: null }

export function withGallery(state, characterId) {
  return { ...state, gallery: { ...blankGallery, characterId } }
}

// An answer about a character who is looked at no more is late, and tells nothing.
export function withGenerations(state, characterId, { items, next }, isMore = false) {
  if (state.gallery.characterId !== characterId) return state
  const images = items.filter(({ status }) => status === "completed")
  const known = isMore ? state.gallery.items : []
  return { ...state, gallery: { characterId, items: [...known, ...images], next, trouble: null } }
}

export function withGalleryTrouble(state, characterId, trouble) {
  if (state.gallery.characterId !== characterId) return state
  return { ...state, gallery: { ...state.gallery, trouble } }
}

// The one that is meant, else the newest; null when there is none.
export function chosenImage({ items }, taskId) {
  return items?.find(({ task_id }) => task_id === taskId) ?? items?.[0] ?? null
}
