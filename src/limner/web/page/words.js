import { secondsSince } from "./clock.js"
import { isInFlight, minutesUntilLate, progressOf } from "./phase.js"
import { isReached } from "./story.js"

export const STAGES = {
  queued: "In the queue",
  ordering: "Handing over the words",
  drawing: "Drawing",
  downloading: "Fetching the picture",
  storing: "Putting it away",
}

const CONNECTIONS = {
  connecting: "Connecting…",
  live: "Live",
  polling: "Checking for changes",
  offline: "Reconnecting…",
  gone: "Gone",
  "signed-out": "Not signed in",
}

const LABELS = {
  asking: "Generating…",
  waiting: "Waiting…",
  drawing: "Generating…",
  late: "Keep waiting",
  failed: "Try again",
}

export function connectionWords(connection) {
  return CONNECTIONS[connection]
}

// 7 → "7 s", 65 → "1 min 5 s", 120 → "2 min"
export function duration(seconds) {
  const whole = Math.round(seconds)
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60]

  if (minutes === 0) return `${rest} s`
  return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`
}

export function counted(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`
}

// What stands over the picture while something is under way: a headline, what to expect, and what is known just now.
export function loadingWords(character, phase, connection, nowMs) {
  const { wish } = character
  if (wish?.isCancel || wish?.isCanceled) {
    return { headline: "Canceling…", line: unsentWords(wish, connection), detail: "" }
  }
  if (connection === "offline") return { headline: "Reconnecting…", line: lastKnown(phase), detail: "" }
  if (phase === "asking") return { headline: "Generating Image", line: "Asking for it…", detail: "" }
  return phase === "waiting" ? waitingWords(character, nowMs) : drawingWords(character, nowMs)
}

// What is kept is unanswered; why is for the connection to tell.
function unsentWords({ step }, connection) {
  if (!isReached({ connection })) return "It is kept, and goes out when the connection is back."
  return step === "kept" ? "There is no answer yet. It is sent again by itself." : ""
}

function lastKnown(phase) {
  if (phase === "asking") return "Your request goes out as soon as it can."
  return `The last we heard: ${phase === "waiting" ? "waiting its turn" : "being drawn"}.`
}

function waitingWords(character, nowMs) {
  const { metadata } = character.image
  const place = queueWords(progressOf(character, nowMs)?.queue_position)
  return {
    headline: "Generating Image",
    line: metadata.last_error ?? expectation(metadata.estimate, null),
    detail: joined(metadata.attempt > 0 && "Waiting to try again", place, elapsed(metadata.queued_at, nowMs)),
  }
}

function drawingWords(character, nowMs) {
  const { metadata } = character.image
  const progress = progressOf(character, nowMs)
  return {
    headline: "Generating Image",
    line: expectation(metadata.estimate, secondsSince(metadata.started_at, nowMs)),
    detail: joined(
      metadata.attempt > 1 && `Attempt ${metadata.attempt} of ${metadata.max_attempts}`,
      STAGES[progress?.stage],
      elapsed(metadata.started_at, nowMs),
      share(progress),
    ),
  }
}

export function queueWords(position) {
  if (position === null || position === undefined) return "In the queue"
  return position === 0 ? "Next in the queue" : `${position} ahead in the queue`
}

export function expectation(estimate, seconds) {
  if (!estimate) return "This may take a little while…"
  if (seconds !== null && seconds > estimate.high_seconds) return "Taking a little longer than usual…"
  return estimate.high_seconds < 120 ? `This may take ${span(estimate)}…` : `This may take up to ${span(estimate)}…`
}

// {20, 30} → "20–30 seconds"; from two minutes on only the longer of the two
export function span({ low_seconds, high_seconds }) {
  if (high_seconds >= 120) return duration(high_seconds)

  const [low, high] = [low_seconds, high_seconds].map((each) => Math.max(1, Math.round(each)))
  return low === high ? `about ${high} ${high === 1 ? "second" : "seconds"}` : `${low}–${high} seconds`
}

// Elapsed time against an estimate is a guess, and says so.
function share(progress) {
  if (!progress || progress.progress === null) return null
  return `${progress.progress_kind === "estimated" ? "about " : ""}${Math.round(progress.progress * 100)} %`
}

function elapsed(moment, nowMs) {
  const seconds = secondsSince(moment, nowMs)
  return seconds === null ? null : duration(seconds)
}

export function joined(...parts) {
  return parts.filter(Boolean).join(" · ")
}

// The sentence under a character on whom nobody is at work, or not that we know.
export function settledWords({ image, image_url, wish, progress, patience }, phase, connection) {
  const { error, metadata } = image
  const earlier = image_url ? "The earlier picture stays." : null

  if (wish?.isCancel) return cancelingWords(image, wish, connection)
  if (wish && !isInFlight(image)) return unansweredWords(connection)
  if (phase === "late") return lateWords(image, patience, progress?.queue_position)
  if (phase === "done") return drawnWords(metadata.duration_seconds)
  if (phase === "canceled") return sentences("Canceled.", earlier)
  if (phase === "failed") return sentences(error, metadata.retryable ? null : "As it stands it would fail again.", earlier)
  return "Not drawn yet."
}

function cancelingWords(image, wish, connection) {
  if (isInFlight(image)) return sentences("Canceling…", unsentWords(wish, connection))
  return "Canceled. Should it have been begun all the same, it is stopped by itself."
}

function unansweredWords(connection) {
  if (!isReached({ connection })) return "Your request is kept, and goes out when the connection is back."
  return "Limner does not take requests just now. Yours is kept, and sent again by itself."
}

// Its place in the queue is told even then: to be far behind is no failure.
function lateWords(image, patience, position) {
  const isQueued = image.status === "pending"
  return sentences(
    `${noImageWords(minutesUntilLate(image, patience))}.`,
    isQueued && `It still waits${image.metadata.attempt > 0 ? " to be tried again" : ""}, ${queueWords(position).toLowerCase()}.`,
    "It may still come, and then appears here by itself.",
  )
}

export function noImageWords(minutes) {
  return `No image after ${counted(minutes, "minute")}`
}

function sentences(...parts) {
  return parts.filter(Boolean).join(" ")
}

export function drawnWords(seconds) {
  if (seconds === null) return "Drawn."
  return seconds < 1 ? "Drawn in less than a second." : `Drawn in ${duration(seconds)}.`
}

export function drawLabel({ image, image_url, wish }, phase, connection) {
  const isUnanswered = wish && !wish.isCancel && !isInFlight(image) && phase !== "asking"
  if (isUnanswered) return isReached({ connection }) ? "Waiting for an answer…" : "Waiting for the connection…"
  return LABELS[phase] ?? (image_url ? "Draw again" : "Generate Image")
}

export function tally({ characters }, phases) {
  if (characters.length === 0) return ""
  const drawn = characters.filter(({ image_url }) => image_url).length
  const underWay = phases.filter((phase) => phase === "waiting" || phase === "drawing").length
  return joined(counted(characters.length, "character"), `${drawn} drawn`, underWay > 0 && `${underWay} under way`)
}
