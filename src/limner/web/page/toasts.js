import { minutesUntilLate, phaseOf } from "./phase.js"

const BRIEF_MS = 5_000
export const MOST = 3

// What is worth a word in the corner: one entry for each generation, which changes its words instead of piling up.
// {id, characterId, name, status, estimate, sinceMs, dismissed}; dismissed names the concern that the person has put away.
// It begins with the person's wish, whose id it has then, and whose status is null until the server has told one.

// A character whose wish has changed; estimate is what is usual here.
export function wished(toasts, { id: characterId, name, wish, trouble }, estimate) {
  const others = toasts.filter((toast) => toast.characterId !== characterId)
  if (wish && !wish.isCancel) {
    if (toasts.some(({ id }) => id === wish.id)) return toasts
    return [...others, { id: wish.id, characterId, name, status: null, estimate, sinceMs: wish.sinceMs, dismissed: null }]
  }
  const kept = toasts.filter((toast) => toast.status || toast.characterId !== characterId || trouble)
  return kept.length === toasts.length ? toasts : kept
}

// A status that was told just now; sinceMs is when something last changed about it.
export function heard(toasts, status, name, nowMs) {
  const { task_id: id, character_id: characterId } = status
  const isOfWish = (toast) => !toast.status && toast.characterId === characterId
  const known = toasts.find((toast) => toast.status?.task_id === id) ?? toasts.find(isOfWish)
  const toast = { id, characterId, name, dismissed: null, ...known, status, sinceMs: nowMs }
  // Of one character the newest generation is the one that matters.
  const others = toasts.filter((each) => each.characterId !== characterId)
  return known ? toasts.map((each) => (each === known ? toast : each)) : [...others, toast]
}

// Good news goes by itself after a while; what failed stays until it is dismissed.
export function tidied(toasts, nowMs) {
  const kept = toasts.filter(({ status, sinceMs }) => !isBrief(status) || nowMs - sinceMs < BRIEF_MS)
  return kept.length === toasts.length ? toasts : kept
}

// Someone was looking at them until now: what was about to go gets its time again.
export function released(toasts, nowMs) {
  return toasts.map((toast) => (isBrief(toast.status) ? { ...toast, sinceMs: nowMs } : toast))
}

export function dismissed(toasts, ids, characters, nowMs) {
  return toasts.map((toast) => {
    if (!ids.includes(toast.id)) return toast
    return { ...toast, dismissed: concernOf(toast, characterOf(toast, characters), nowMs) }
  })
}

export function ofThose(toasts, characters) {
  const kept = toasts.filter((toast) => characterOf(toast, characters))
  return kept.length === toasts.length ? toasts : kept
}

// {visible, hidden}: at most `most` with the phase they are in, what went wrong before all else, then the newest; in the
// order in which they began.
export function shown(toasts, characters, nowMs, most = MOST) {
  const wanted = toasts
    .map((toast) => ({ ...toast, ...seen(toast, characterOf(toast, characters), nowMs) }))
    .filter(({ concern, dismissed }) => concern !== dismissed)
  const first = [...wanted].sort((one, other) => other.isAlarm - one.isAlarm || other.sinceMs - one.sinceMs).slice(0, most)
  return {
    visible: wanted.filter((toast) => first.includes(toast)),
    hidden: wanted.filter((toast) => !first.includes(toast)),
  }
}

function seen(toast, character, nowMs) {
  const phase = toastPhase(toast, character, nowMs)
  const told = { phase, concern: concernOf(toast, character, nowMs), isAlarm: phase === "failed" || phase === "late" }
  if (toast.status) return { ...told, lateMinutes: minutesUntilLate(toast.status, character.patience) }
  const { trouble, wish } = character
  return { ...told, trouble, isAsked: phaseOf(character, nowMs) === "asking", isCanceled: wish?.isCanceled }
}

// Who has put away a toast of something under way wants no word of its every step, but of its end.
function concernOf(toast, character, nowMs) {
  const phase = toastPhase(toast, character, nowMs)
  return phase === "waiting" || phase === "drawing" ? "under way" : phase
}

// A request that was refused is a failure; one without an answer waits, as an image does whose turn has not come.
function toastPhase({ status }, { patience, trouble }, nowMs) {
  if (!status) return trouble ? "failed" : "waiting"
  return phaseOf({ image: status, wish: null, patience }, nowMs)
}

function characterOf({ characterId }, characters) {
  return characters.find(({ id }) => id === characterId)
}

function isBrief(status) {
  return status?.status === "completed" || status?.status === "canceled"
}
