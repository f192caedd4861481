import { isInFlight } from "./phase.js"
import { heard, ofThose } from "./toasts.js"

// The story that is open, and the doors through which it changes. Every door returns the same object when nothing
// changed, so "is it new?" is a comparison of references. Which status is the newest, the client has decided already.
//
// connection: as limner.d.ts has it, or signed-out. Of a character the page itself adds
//   progress  the newest hint, with the moment it was heard at, or null
//   preview   the newest small picture of the attempt at work, or null: most hints bring none, and it stays meanwhile
//   wish      a request of the person's that has not been answered: {step, idempotencyKey, isCanceled}, or null; step is
//             asking, canceling, or kept (nobody could be reached, it is sent again when somebody can)
//   trouble   why the last request was refused, or null
//   patience  from when on the person has said to wait on, in ms; 0 at first
export const blank = { plot: null, characters: [], connection: "connecting", toasts: [] }

const NOTHING_HERE = { progress: null, preview: null, wish: null, trouble: null, patience: 0 }

export function hasEnded({ connection }) {
  return connection === "gone"
}

export function find(state, characterId) {
  return state.characters.find(({ id }) => id === characterId)
}

// Whom "Generate all" means: those who have no picture, and none under way.
export function undrawn({ characters }) {
  return characters.filter(({ image, image_url, wish }) => !image_url && !wish && !isInFlight(image))
}

export function withPlot(state, { characters, ...plot }) {
  const next = characters.map((read) => merge(find(state, read.id), read))
  return { ...state, plot, characters: next, toasts: ofThose(state.toasts, next) }
}

// Who is as before stays the same object, so that of two hundred cards only those are touched that say something new.
function merge(known, read) {
  const isSame = (name) => (name === "image" ? read.image.seq === known.image.seq : read[name] === known[name])
  return known && Object.keys(read).every(isSame) ? known : { ...NOTHING_HERE, ...known, ...read }
}

export function withPlotChange(state, { title, style }) {
  return { ...state, plot: { ...state.plot, title, style } }
}

export function withCharacter(state, character) {
  const known = find(state, character.id)
  if (known) return replace(state, character.id, ({ image, image_url }) => ({ ...known, ...character, image, image_url }))
  return { ...state, characters: [...state.characters, { ...NOTHING_HERE, ...character }] }
}

export function withoutCharacter(state, characterId) {
  const characters = state.characters.filter(({ id }) => id !== characterId)
  return { ...state, characters, toasts: ofThose(state.toasts, characters) }
}

// before is what was known until then: null when nothing was, so that this is no change that anybody made just now.
export function withStatus(state, status, before, nowMs) {
  const next = replace(state, status.character_id, (known) => advance(known, status))
  const character = find(next, status.character_id)
  if (!character || (!before && !isInFlight(status))) return next
  return { ...next, toasts: heard(next.toasts, status, character.name, nowMs) }
}

// Each transition is another attempt or none at all, so the progress of the last one says nothing any more.
function advance(known, status) {
  const isOther = status.task_id !== known.image.task_id
  return {
    ...known, image: status, image_url: status.image_url ?? known.image_url, progress: null, preview: null, trouble: null,
    patience: isOther ? 0 : known.patience,
  }
}

export function withProgress(state, hint, nowMs) {
  const progress = { ...hint, heardMs: nowMs }
  return replace(state, hint.character_id, (known) => ({ ...known, progress, preview: hint.preview_url ?? known.preview }))
}

export function withWish(state, characterId, wish, trouble = null) {
  return replace(state, characterId, (known) => ({ ...known, wish, trouble }))
}

export function withWishes(state, characterIds, wish) {
  return characterIds.reduce((next, characterId) => withWish(next, characterId, wish), state)
}

export function withPatience(state, characterId, nowMs) {
  return replace(state, characterId, (known) => ({ ...known, patience: nowMs }))
}

// How far a drawing is was not heard while we were away.
export function withConnection(state, connection) {
  if (state.connection === connection) return state
  const isBack = connection === "live" || connection === "polling"
  const characters = isBack ? state.characters.map(withoutProgress) : state.characters
  return { ...state, connection, characters }
}

function withoutProgress(known) {
  return known.progress ? { ...known, progress: null } : known
}

export function withToasts(state, change, ...values) {
  const toasts = change(state.toasts, ...values)
  return toasts === state.toasts ? state : { ...state, toasts }
}

function replace(state, characterId, change) {
  const known = find(state, characterId)
  const changed = known && change(known)
  if (changed === known) return state

  return { ...state, characters: state.characters.map((each) => (each === known ? changed : each)) }
}
