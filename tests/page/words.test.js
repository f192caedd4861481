import assert from "node:assert/strict"
import { test } from "node:test"

import { announcement, drawLabel, duration, expectation, inFlightWords, queueWords, settledWords } from "../../src/limner/web/page/words.js"
import { character, progress, status } from "./examples.js"

const after = (seconds) => Date.parse("2026-11-22T21:00:00Z") + seconds * 1_000
const failed = (values) => status({ status: "failed", error: "The provider is down.", error_code: "provider_unavailable", ...values })

test("a duration is in seconds, then in minutes", () => {
  assert.deepEqual([0.4, 7, 59.6, 65, 120].map(duration), ["0 s", "7 s", "1 min", "1 min 5 s", "2 min"])
})

test("the estimate is told in the words that fit it", () => {
  assert.equal(expectation({ low_seconds: 20, high_seconds: 30 }, 3), "This may take 20–30 seconds…")
  assert.equal(expectation({ low_seconds: 6.1, high_seconds: 6.3 }, 3), "This may take about 6 seconds…")
  assert.equal(expectation({ low_seconds: 0.1, high_seconds: 0.2 }, null), "This may take about 1 second…")
  assert.equal(expectation({ low_seconds: 90, high_seconds: 150 }, 3), "This may take up to 2 min 30 s…")
  assert.equal(expectation(null, 3), "This may take a little while…")
})

test("past the estimate the words change", () => {
  assert.equal(expectation({ low_seconds: 20, high_seconds: 30 }, 30), "This may take 20–30 seconds…")
  assert.equal(expectation({ low_seconds: 20, high_seconds: 30 }, 31), "Taking a little longer than usual…")
})

test("the place in the queue counts those ahead", () => {
  assert.equal(queueWords(0), "Next in the queue.")
  assert.equal(queueWords(3), "3 ahead in the queue.")
  assert.equal(queueWords(null), "In the queue.")
})

test("a drawing tells stage, elapsed time and progress", () => {
  const words = inFlightWords({ image: status(), progress: progress() }, "live", after(12.7))

  assert.deepEqual(words, {
    headline: "Generating Image",
    line: "This may take 20–30 seconds…",
    detail: "Drawing · 12 s · 40 %",
  })
})

test("estimated progress says that it is a guess, and unknown progress says nothing", () => {
  const guess = { image: status(), progress: progress({ progress_kind: "estimated" }) }
  const unknown = { image: status(), progress: null }

  assert.match(inFlightWords(guess, "live", after(12)).detail, /about 40 %$/)
  assert.equal(inFlightWords(unknown, "live", after(12)).detail, "12 s")
})

test("a lost attempt is told, with its reason and then its number", () => {
  const metadata = { attempt: 1, last_error: "The worker was lost." }
  const waiting = inFlightWords({ image: status({ status: "pending", metadata }), progress: null }, "live", after(0))
  const second = inFlightWords({ image: status({ metadata: { attempt: 2 } }), progress: null }, "live", after(4))

  assert.equal(waiting.headline, "Waiting to try again")
  assert.equal(waiting.line, "The worker was lost.")
  assert.equal(second.detail, "Attempt 2 of 3 · 4 s")
})

test("without a connection no clock runs on", () => {
  const words = inFlightWords({ image: status(), progress: progress() }, "lost", after(500))

  assert.deepEqual(words, { headline: "Reconnecting…", line: "The last we heard: being drawn.", detail: "" })
})

test("a failure is told in its sentence, with what it means", () => {
  const retryable = character({ image: failed({ metadata: { retryable: true } }) })
  const final = character({ image: failed({ metadata: { retryable: false } }), image_url: "/api/images/1.png" })

  assert.equal(settledWords(retryable), "Not drawn: The provider is down.")
  assert.equal(settledWords(final), "Not drawn: The provider is down. The same request would fail again. The earlier picture stays.")
})

test("a drawing says how long it took", () => {
  const took = (duration_seconds) => settledWords(character({ image: status({ status: "completed", metadata: { duration_seconds } }) }))

  assert.equal(took(26.4), "Drawn in 26 s.")
  assert.equal(took(0.2), "Drawn in less than a second.")
  assert.equal(took(null), "Drawn.")
})

test("the button says what it would do", () => {
  const url = "/api/images/1.png"

  assert.equal(drawLabel(character()), "Generate Image")
  assert.equal(drawLabel(character({ asking: true })), "Asking…")
  assert.equal(drawLabel(character({ image: status() })), "Drawing…")
  assert.equal(drawLabel(character({ image: status({ status: "completed" }), image_url: url })), "Draw again")
  assert.equal(drawLabel(character({ image: failed({ metadata: { retryable: true } }) })), "Try again")
  assert.equal(drawLabel(character({ image: failed({ metadata: { retryable: false } }) })), "Generate Image")
})

test("a change of status is announced once, what was there before not at all", () => {
  const before = character()
  const now = character({ image: status() })

  assert.equal(announcement(now, before), "Ada is being drawn.")
  assert.equal(announcement(now, now), null)
  assert.equal(announcement(now, undefined), null)
})
