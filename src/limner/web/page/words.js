import { secondsSince } from "./clock.js"
import { isInFlight } from "./story.js"

const STAGES = {
  queued: "In the queue",
  ordering: "Handing over the words",
  drawing: "Drawing",
  downloading: "Fetching the picture",
  storing: "Putting it away",
}

const LINKS = {
  connecting: "Connecting…",
  live: "Live",
  polling: "Live updates paused, asking every few seconds",
  lost: "Reconnecting…",
  gone: "This story is gone",
  "signed-out": "Not signed in",
}

export function linkWords(link) {
  return LINKS[link]
}

// 7 → "7 s", 65 → "1 min 5 s", 120 → "2 min"
export function duration(seconds) {
  const whole = Math.round(seconds)
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60]

  if (minutes === 0) return `${rest} s`
  return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`
}

// What stands over the picture while something is under way: a headline, what to expect, and what is known just now.
export function inFlightWords({ image, progress }, link, nowMs) {
  if (link === "lost") return { headline: "Reconnecting…", line: lastKnown(image), detail: "" }
  return image.status === "pending" ? waitingWords(image, progress, nowMs) : drawingWords(image, progress, nowMs)
}

function lastKnown({ status }) {
  return `The last we heard: ${status === "pending" ? "waiting its turn" : "being drawn"}.`
}

function waitingWords({ metadata }, progress, nowMs) {
  return {
    headline: metadata.attempt > 0 ? "Waiting to try again" : "Waiting its turn",
    line: metadata.last_error ?? queueWords(progress?.queue_position),
    detail: joined(metadata.last_error && queueWords(progress?.queue_position), elapsed(metadata.queued_at, nowMs)),
  }
}

function drawingWords({ metadata }, progress, nowMs) {
  const seconds = secondsSince(metadata.started_at, nowMs)
  return {
    headline: "Generating Image",
    line: expectation(metadata.estimate, seconds),
    detail: joined(
      metadata.attempt > 1 && `Attempt ${metadata.attempt} of ${metadata.max_attempts}`,
      STAGES[progress?.stage],
      elapsed(metadata.started_at, nowMs),
      share(progress),
    ),
  }
}

export function queueWords(position) {
  if (position === null || position === undefined) return "In the queue."
  return position === 0 ? "Next in the queue." : `${position} ahead in the queue.`
}

export function expectation(estimate, seconds) {
  if (!estimate) return "This may take a little while…"
  if (seconds !== null && seconds > estimate.high_seconds) return "Taking a little longer than usual…"

  const [low, high] = [estimate.low_seconds, estimate.high_seconds].map((each) => Math.max(1, Math.round(each)))
  if (low === high) return `This may take about ${high} ${high === 1 ? "second" : "seconds"}…`
  return high < 120 ? `This may take ${low}–${high} seconds…` : `This may take up to ${duration(high)}…`
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

function joined(...parts) {
  return parts.filter(Boolean).join(" · ")
}

// The sentence under a character on whom nobody is at work.
export function settledWords({ image, image_url }) {
  const { status, error, metadata } = image
  const earlier = image_url ? "The earlier picture stays." : null

  if (status === "completed") return drawnWords(metadata.duration_seconds)
  if (status === "canceled") return ["Canceled.", earlier].filter(Boolean).join(" ")
  if (status === "failed") {
    return [`Not drawn: ${error}`, metadata.retryable ? null : "The same request would fail again.", earlier].filter(Boolean).join(" ")
  }
  return "Not drawn yet."
}

function drawnWords(seconds) {
  if (seconds === null) return "Drawn."
  return seconds < 1 ? "Drawn in less than a second." : `Drawn in ${duration(seconds)}.`
}

export function drawLabel({ image, image_url, asking }) {
  if (asking && !isInFlight(image)) return "Asking…"
  if (isInFlight(image)) return image.status === "pending" ? "Waiting…" : "Drawing…"
  if (image.status === "failed" && image.metadata.retryable) return "Try again"
  return image_url ? "Draw again" : "Generate Image"
}

// What a screen reader says when a status changed; null when there is nothing new to say.
export function announcement(character, before) {
  if (!before || before.image.seq === character.image.seq) return null

  const { name, image } = character
  if (image.status === "pending") return image.metadata.attempt > 0 ? `${name} will be tried again.` : `${name} is waiting to be drawn.`
  if (image.status === "generating") return `${name} is being drawn.`
  if (image.status === "completed") return `The portrait of ${name} is ready.`
  if (image.status === "failed") return `${name} could not be drawn. ${image.error}`
  return `The drawing of ${name} was canceled.`
}
