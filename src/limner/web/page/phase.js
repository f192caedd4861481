// How long a person is kept waiting before the page says that no image came. It may still come, and is then shown.
export const PATIENCE_MS = 120_000
// A share told longer ago than this says nothing about now.
const HINT_MS = 10_000

const PHASES = { none: "never", pending: "waiting", generating: "drawing", completed: "done" }
const LOADING = ["asking", "waiting", "drawing"]

export function isInFlight({ status }) {
  return status === "pending" || status === "generating"
}

// A wish to cancel is none for an image, and keeps nobody from asking for one.
export function canAsk({ image, wish }) {
  return !isInFlight(image) && (!wish || wish.isCancel === true)
}

// What a card shows of a character: never, asking, waiting, drawing, late, done, failed, canceled. It follows from what
// is known and the time alone, so no order of events can leave a card loading, nor can an answer that never comes.
export function phaseOf({ image, wish, patience }, nowMs) {
  if (isInFlight(image)) return isLate(image, patience, nowMs) ? "late" : PHASES[image.status]
  return isAsking(wish, image, nowMs) ? "asking" : (PHASES[image.status] ?? image.status)
}

export function isLoading(phase) {
  return LOADING.includes(phase)
}

// A place in the queue holds until another is told.
export function progressOf({ image, progress }, nowMs) {
  const isFresh = progress && (image.status === "pending" || nowMs - progress.heardMs < HINT_MS)
  return isFresh ? progress : null
}

// How many minutes have gone by without an image once it is late: two, and more for whoever has said to wait on.
export function minutesUntilLate({ metadata }, patience) {
  return Math.floor((lateAt(metadata, patience) - Date.parse(metadata.queued_at)) / 60_000)
}

// Another drawing than the one that the wish was made over has answered it, whatever became of the answer itself.
function isAsking(wish, { task_id }, nowMs) {
  return wish?.step === "asking" && wish.taskId === task_id && nowMs - wish.sinceMs < PATIENCE_MS
}

function isLate({ metadata }, patience, nowMs) {
  return nowMs >= lateAt(metadata, patience)
}

function lateAt({ queued_at }, patience) {
  return Math.max(Date.parse(queued_at), patience) + PATIENCE_MS
}
