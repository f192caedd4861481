// The page's one state, and the doors through which anything changes it. Every door returns the same object when
// nothing changed, so "is it new?" is a comparison of references.

// link: connecting, live, polling (no stream, but answers arrive), lost, gone (404), signed-out (401)
export const blank = { plot: null, characters: [], link: "connecting" }

export function isInFlight({ status }) {
  return status === "pending" || status === "generating"
}

// Something of the server reaches us: events, or at least answers.
function isInReach(link) {
  return link === "live" || link === "polling"
}

export function hasEnded({ link }) {
  return link === "gone" || link === "signed-out"
}

export function find(state, characterId) {
  return state.characters.find(({ id }) => id === characterId)
}

export function withPlot(state, { characters, ...plot }) {
  return { ...state, plot, characters: characters.map((read) => merge(find(state, read.id), read)) }
}

export function withCharacter(state, character) {
  if (find(state, character.id)) return replace(state, character.id, (known) => merge(known, character))
  return { ...state, characters: [...state.characters, merge(undefined, character)] }
}

export function withStatus(state, status) {
  return replace(state, status.character_id, (known) => (isNewer(status, known.image) ? advance(known, status) : known))
}

export function withProgress(state, hint) {
  return replace(state, hint.character_id, (known) => {
    if (hint.task_id !== known.image.task_id || !isInFlight(known.image)) return known
    return { ...known, progress: { ...hint, progress: furthest(known.progress, hint) } }
  })
}

// A share told a while ago says nothing about now. A place in the queue holds until another is told.
export function withoutOldProgress(state, { id, progress }) {
  return replace(state, id, (known) => {
    return known.progress === progress && known.image.status === "generating" ? { ...known, progress: null } : known
  })
}

// asking: a request of ours is on its way. trouble: the Problem for which the last one was not taken, or null.
export function withAsking(state, characterId, asking, trouble = null) {
  return replace(state, characterId, (known) => ({ ...known, asking, trouble }))
}

export function withLink(state, link) {
  if (state.link === link || hasEnded(state)) return state
  return { ...state, link, characters: isInReach(link) ? state.characters.map(backInReach) : state.characters }
}

// How far a drawing is was not heard while we were away, and that nobody could be reached is true no more. What the
// server itself has refused stays refused.
function backInReach(known) {
  return { ...known, progress: null, trouble: known.trouble?.wasAnswered ? known.trouble : null }
}

function replace(state, characterId, change) {
  const known = find(state, characterId)
  const changed = known && change(known)
  if (changed === known) return state

  return { ...state, characters: state.characters.map((each) => (each === known ? changed : each)) }
}

// What was read may be older than what the stream has already told; the words are taken, the image only when newer.
function merge(known, read) {
  if (!known) return { ...read, progress: null, asking: false, trouble: null }
  if (isNewer(read.image, known.image)) return { ...known, ...read, progress: null, trouble: null }
  return { ...known, ...read, image: known.image, image_url: known.image_url }
}

// Each transition is another attempt or none at all, so the progress of the last one says nothing any more.
function advance(known, status) {
  return { ...known, image: status, image_url: status.image_url ?? known.image_url, progress: null, trouble: null }
}

function isNewer(status, known) {
  return (status.seq ?? 0) > (known.seq ?? 0)
}

function furthest(known, hint) {
  if (hint.progress === null) return known?.progress ?? null
  return Math.max(known?.progress ?? 0, hint.progress)
}
