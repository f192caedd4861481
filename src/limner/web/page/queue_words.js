import { isUnderWay } from "./queue_state.js"
import { counted, duration, joined, STAGES } from "./words.js"

const CONNECTIONS = {
  connecting: "Connecting…",
  live: "Live",
  polling: "Checking every 2 seconds",
  offline: "Reconnecting…",
}
const OUTCOMES = { completed: "Completed", failed: "Failed", canceled: "Canceled" }
const HINT_MS = 10_000
const HOUR_SECONDS = 3_600
const DAY_SECONDS = 86_400

export function queueConnectionWords(connection) {
  return CONNECTIONS[connection] ?? CONNECTIONS.offline
}

// 0.42 → "0.4 s", 12.7 → "13 s"
export function took(seconds) {
  if (seconds < 0.05) return "0 s"
  return seconds < 9.95 ? `${seconds.toFixed(1)} s` : age(seconds)
}

// 7 → "7 s", 130 → "2 min 10 s", 4000 → "1 h 6 min", 200000 → "2 days"
export function age(seconds) {
  if (seconds < HOUR_SECONDS) return duration(Math.floor(seconds))
  if (seconds >= 2 * DAY_SECONDS) return `${Math.floor(seconds / DAY_SECONDS)} days`
  const minutes = Math.floor((seconds % HOUR_SECONDS) / 60)
  return `${Math.floor(seconds / HOUR_SECONDS)} h${minutes > 0 ? ` ${minutes} min` : ""}`
}

// How its time was spent, in words: what the bar shows to those who see it.
export function courseWords({ status, phases }) {
  const waited = sum(phases, ({ status }) => status === "pending")
  const lost = sum(phases, ({ isLost }) => isLost)
  const drew = sum(phases, ({ status, isLost }) => status === "generating" && !isLost)
  if (status === "pending") return `Waiting ${age(waited)}`

  const drawing = status === "generating" ? `drawing for ${age(drew)}` : drew > 0 && `drew ${took(drew)}`
  return joined(`Waited ${took(waited)}`, drawing, lost > 0 && `${took(lost)} lost`)
}

export function stateWords(entry, progress, nowMs) {
  const { status, since } = entry
  if (status === "pending") return ""
  if (status !== "generating") return joined(OUTCOMES[status], `${age(secondsFrom(since, nowMs))} ago`)
  const isFresh = progress && nowMs - progress.heardMs < HINT_MS
  return isFresh ? joined(STAGES[progress.stage], share(progress)) : ""
}

export function byWords({ status, provider, model, attempt, max_attempts: most }) {
  return joined(provider, model !== provider && model, attemptWords(status, attempt, most))
}

// A first attempt that came to its end needs no words.
function attemptWords(status, attempt, most) {
  if (status === "generating") return `attempt ${attempt} of ${most}`
  if (status === "pending") return attempt > 0 && `${attempt} of ${counted(most, "attempt")} used`
  return attempt > 1 && `${attempt} of ${counted(most, "attempt")}`
}

// What an operator has to know first of one that does not go as it should.
export function troubleWords({ status, late_since, error, error_code, last_error }, nowMs) {
  if (late_since) return `Its worker has not been heard of for ${age(secondsFrom(late_since, nowMs))}.`
  if (status === "failed") return `${error} (${error_code})`
  return last_error && isUnderWay({ status }) ? `The attempt before: ${last_error}` : null
}

export function extentWords(name, { counts }, shown) {
  if (name !== "finished") return ""
  const { completed, failed, canceled, window_seconds } = counts
  const within = window_seconds === HOUR_SECONDS ? "in the last hour" : `in the last ${age(window_seconds)}`
  return shown === 0 ? "" : `${within}: ${completed} completed, ${failed} failed, ${canceled} canceled`
}

export function restWords(total, shown) {
  return total > shown ? `and ${(total - shown).toLocaleString("en")} more` : ""
}

export function finishedIn({ completed, failed, canceled }) {
  return completed + failed + canceled
}

export function scaleWords(seconds) {
  return `a full bar is ${age(seconds)}`
}

export function chartWords(entries) {
  if (entries.length === 0) return ""
  const middle = (of) => took(entries.map((entry) => sum(entry.phases, of)).sort((a, b) => a - b)[entries.length >> 1])
  const waited = middle(({ status }) => status === "pending")
  const drew = middle(({ status }) => status === "generating")
  return `How long the last ${entries.length} took: mostly about ${waited} waiting and ${drew} drawing.`
}

export function titleWords({ counts }) {
  return `${counts.pending} waiting, ${counts.generating} being drawn · Limner`
}

function secondsFrom(moment, nowMs) {
  return Math.max(0, (nowMs - Date.parse(moment)) / 1_000)
}

function share({ progress, progress_kind }) {
  if (progress === null) return null
  return `${progress_kind === "estimated" ? "about " : ""}${Math.round(progress * 100)} %`
}

function sum(phases, isMeant) {
  return phases.filter(isMeant).reduce((total, { seconds }) => total + seconds, 0)
}
