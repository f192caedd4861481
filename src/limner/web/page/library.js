// The stories to choose from. plots is null until they have been read.
export const blankLibrary = { plots: null, next: null, trouble: null }

export function withPlots(state, { items, next }) {
  return { ...state, library: { plots: items, next, trouble: null } }
}

// One that was changed meanwhile may come twice.
export function withMorePlots(state, { items, next }) {
  const known = new Set(items.map(({ id }) => id))
  const plots = [...state.library.plots.filter(({ id }) => !known.has(id)), ...items]
  return { ...state, library: { plots, next, trouble: null } }
}

export function withLibraryTrouble(state, trouble) {
  return { ...state, library: { ...state.library, trouble } }
}
