import { secondsSince } from "./clock.js"
import { drawnWords, duration, joined, noImageWords, queueWords, span } from "./words.js"

const STEP_SECONDS = 10

// What a toast says, {title, detail}: what has happened, and whom or how long it concerns. While something is under
// way its words change every ten seconds and not with each tick, for they are read aloud.
export function toastWords(toast, place, nowMs) {
  const { status, phase, name, lateMinutes } = toast
  if (!status) return wishWords(toast)

  const { metadata } = status
  if (phase === "waiting") return { title: `Image generation queued for ${name}`, detail: queued(metadata, place, nowMs) }
  if (phase === "drawing") {
    return { title: "Generating character image…", detail: joined(name, pace(metadata, metadata.started_at, nowMs)) }
  }
  if (phase === "done") {
    const took = drawnWords(metadata.duration_seconds)
    return { title: "Character image generated successfully", detail: joined(name, took.slice(0, -1)) }
  }
  if (phase === "failed") return { title: status.error, detail: `${name} was not drawn.` }
  if (phase === "late") return { title: noImageWords(lateMinutes), detail: late(status, name) }
  return { title: "Image generation canceled", detail: name }
}

// Of a request that nobody has answered yet, or that was refused.
function wishWords({ name, estimate, trouble, isAsked, isCanceled }) {
  if (trouble) return { title: trouble.message, detail: `${name} was not drawn.` }
  if (isCanceled) return { title: "Canceling…", detail: name }
  if (!isAsked) return { title: `No answer yet to the request for ${name}`, detail: "It is sent again by itself." }
  const expected = estimate ? capital(usual(estimate)) : "This may take a little while"
  return { title: `Image generation queued for ${name}`, detail: expected }
}

function queued(metadata, place, nowMs) {
  const again = metadata.attempt > 0 && "waiting to try again"
  const ahead = secondsSince(metadata.queued_at, nowMs) >= STEP_SECONDS && place !== undefined && queueWords(place)
  return capital(joined(again, pace(metadata, metadata.queued_at, nowMs), ahead))
}

// Not the place in the queue, which changes with every drawing before it: this is read aloud at once.
function late({ status }, name) {
  const now = status === "pending" ? `${name} still waits in the queue. The image` : `That of ${name}`
  return `${now} may still come, and then appears by itself.`
}

function pace({ estimate }, from, nowMs) {
  const seconds = secondsSince(from, nowMs) ?? 0
  const steps = Math.floor(seconds / STEP_SECONDS) * STEP_SECONDS
  return [steps > 0 && `${duration(steps)} so far`, estimate && usual(estimate)].filter(Boolean).join(", ")
}

function usual(estimate) {
  return `usually ${span(estimate)}`
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
