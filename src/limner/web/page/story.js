import { canAsk, isInFlight } from "./phase.js"
import { heard, ofThose, wished } from "./toasts.js"

// The story that is open, and the doors through which it changes. Every door returns the same object when nothing
// changed, so "is it new?" is a comparison of references. Which status is the newest, the client has decided already.
//
// connection: as limner.d.ts has it, or signed-out. Of a character the page itself adds
//   progress  the newest hint, with the moment it was heard at, or null
//   preview   the newest small picture of the attempt at work, or null: most hints bring none, and it stays meanwhile
//   wish      a request of the person's that has not been answered, or null: {id, step, taskId, sinceMs, …}. id is its
//             Idempotency-Key; step is asking, canceling, or kept (nobody answered, it is sent again); taskId is the image
//             that was known when it was made, at sinceMs. isCancel says that it is to end an image: that one, or, with
//             isOfAsking, the one that an unanswered request may have begun. isCanceled: as soon as it is answered.
//   trouble   why the last request was refused, or null
//   patience  from when on the person has said to wait on, in ms; 0 at first
// wishes: those for characters that are not among those shown, by their ids.
export const blank = { plot: null, characters: [], connection: "connecting", toasts: [], wishes: {} }

const NOTHING_HERE = { progress: null, preview: null, wish: null, trouble: null, patience: 0 }

export function hasEnded({ connection }) {
  return connection === "gone"
}

export function isReached({ connection }) {
  return connection === "live" || connection === "polling"
}

export function find(state, characterId) {
  return state.characters.find(({ id }) => id === characterId)
}

// Whom "Generate all" means: those who have no picture, and none under way.
export function undrawn({ characters }) {
  return characters.filter((character) => !character.image_url && canAsk(character))
}

// {characterId: wish}, of all stories.
export function wishesOf({ wishes, characters }) {
  return { ...wishes, ...Object.fromEntries(characters.flatMap(({ id, wish }) => (wish ? [[id, wish]] : []))) }
}

export function wishOf(state, characterId) {
  const known = find(state, characterId)
  return (known ? known.wish : state.wishes[characterId]) ?? null
}

// What was asked for in a story goes on without it.
export function withoutPlot(state) {
  return { ...state, ...blank, wishes: wishesOf(state) }
}

export function withPlot(state, { characters, ...plot }) {
  const next = characters.map((read) => merge(find(state, read.id), read, state.wishes[read.id]))
  const wishes = Object.entries(state.wishes).filter(([id]) => !characters.some((read) => read.id === id))
  return { ...state, plot, characters: next, wishes: Object.fromEntries(wishes), toasts: ofThose(state.toasts, next) }
}

// Who is as before stays the same object, so that of two hundred cards only those are touched that say something new.
function merge(known, read, wish = null) {
  const isSame = (name) => (name === "image" ? read.image.seq === known.image.seq : read[name] === known[name])
  return known && Object.keys(read).every(isSame) ? known : heeded({ ...NOTHING_HERE, wish, ...known, ...read })
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
  return heeded({
    ...known, image: status, image_url: status.image_url ?? known.image_url, progress: null, preview: null, trouble: null,
    patience: isOther ? 0 : known.patience,
  })
}

// An image that shows what has become of a wish answers it, for the answer itself may be late, or lost. One that is kept
// is not answered so: the image may be somebody else's, and its key tells when it is sent again.
function heeded(character) {
  const { wish, image } = character
  if (!wish) return character

  const [isOther, isFinal] = [image.task_id !== wish.taskId, !isInFlight(image)]
  let isHeeded = isOther && wish.step !== "kept"
  if (wish.isCanceled || wish.isOfAsking) isHeeded = isOther && isFinal
  else if (wish.isCancel) isHeeded = isOther || isFinal
  return isHeeded ? { ...character, wish: null } : character
}

export function withProgress(state, hint, nowMs) {
  const progress = { ...hint, heardMs: nowMs }
  return replace(state, hint.character_id, (known) => ({ ...known, progress, preview: hint.preview_url ?? known.preview }))
}

export function withWish(state, characterId, wish, trouble = null) {
  const known = find(state, characterId)
  if (!known) return { ...state, wishes: withEntry(state.wishes, characterId, wish) }

  const next = replace(state, characterId, () => ({ ...known, wish, trouble }))
  return { ...next, toasts: wished(next.toasts, find(next, characterId), estimateOf(known, state)) }
}

function withEntry(wishes, characterId, wish) {
  const { [characterId]: before, ...others } = wishes
  return wish ? { ...others, [characterId]: wish } : others
}

// wishes: [characterId, wish] of each.
export function withWishes(state, wishes) {
  return wishes.reduce((next, [characterId, wish]) => withWish(next, characterId, wish), state)
}

// What is usual here is the best guess until the server has told its own.
function estimateOf({ image }, { characters }) {
  const told = [...characters.map((each) => each.image.metadata.estimate), image.metadata.estimate]
  return told.findLast(Boolean) ?? null
}

export function withPatience(state, characterId, nowMs) {
  return replace(state, characterId, (known) => ({ ...known, patience: nowMs }))
}

// How far a drawing is was not heard while we were away.
export function withConnection(state, connection) {
  if (state.connection === connection) return state
  const characters = isReached({ connection }) ? state.characters.map(withoutProgress) : state.characters
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
