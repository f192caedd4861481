import assert from "node:assert/strict"
import { test } from "node:test"

import {
  drawLabel, drawnWords, duration, expectation, loadingWords, queueWords, settledWords, tally,
} from "../../src/limner/web/page/words.js"
import { character, progress, status } from "./examples.js"

const after = (seconds) => Date.parse("2026-11-22T21:00:00Z") + seconds * 1_000
const person = (values = {}) => ({ ...character(), progress: null, wish: null, ...values })
const heard = (values, seconds = 12) => ({ ...progress(values), heardMs: after(seconds) })
const failed = (retryable) => status({ status: "failed", error: "The provider is down.", metadata: { retryable } })

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
  assert.deepEqual([0, 3, null].map(queueWords), ["Next in the queue", "3 ahead in the queue", "In the queue"])
})

test("while it waits it tells the expected time, the place and how long it has waited", () => {
  const image = status({ status: "pending", metadata: { attempt: 0 } })
  const waiting = person({ image, progress: heard({ progress: null, stage: "queued", queue_position: 2 }) })

  assert.deepEqual(loadingWords(waiting, "waiting", "live", after(-3)), {
    headline: "Generating Image",
    line: "This may take 20–30 seconds…",
    detail: "2 ahead in the queue · 7 s",
  })
})

test("a drawing tells stage, elapsed time and progress", () => {
  assert.deepEqual(loadingWords(person({ image: status(), progress: heard() }), "drawing", "live", after(12.7)), {
    headline: "Generating Image",
    line: "This may take 20–30 seconds…",
    detail: "Drawing · 12 s · 40 %",
  })
})

test("estimated progress says that it is a guess, and unknown progress says nothing", () => {
  const guess = person({ image: status(), progress: heard({ progress_kind: "estimated" }) })

  assert.match(loadingWords(guess, "drawing", "live", after(12)).detail, /about 40 %$/)
  assert.equal(loadingWords(person({ image: status() }), "drawing", "live", after(12)).detail, "12 s")
})

test("a lost attempt is told, with its reason and then its number", () => {
  const metadata = { attempt: 1, last_error: "The worker was lost." }
  const waiting = loadingWords(person({ image: status({ status: "pending", metadata }) }), "waiting", "live", after(0))
  const second = loadingWords(person({ image: status({ metadata: { attempt: 2 } }) }), "drawing", "live", after(4))

  assert.equal(waiting.line, "The worker was lost.")
  assert.match(waiting.detail, /^Waiting to try again/)
  assert.equal(second.detail, "Attempt 2 of 3 · 4 s")
})

test("without a connection no clock runs on", () => {
  const drawing = person({ image: status(), progress: heard() })

  assert.deepEqual(loadingWords(drawing, "drawing", "offline", after(500)), {
    headline: "Reconnecting…", line: "The last we heard: being drawn.", detail: "",
  })
})

test("a failure is told in its sentence, with what it means", () => {
  const final = person({ image: failed(false), image_url: "/api/images/1.png" })

  assert.equal(settledWords(person({ image: failed(true) }), "failed"), "The provider is down.")
  assert.equal(
    settledWords(final, "failed"), "The provider is down. As it stands it would fail again. The earlier picture stays.",
  )
})

test("who is late says after how long, and still tells the place in the queue", () => {
  const image = status({ status: "pending", metadata: { attempt: 0 } })
  const again = status({ status: "pending", metadata: { attempt: 1 } })
  const progress = heard({ progress: null, stage: "queued", queue_position: 12 })
  const hope = "It may still come, and then appears here by itself."
  const late = (values) => settledWords(person({ patience: 0, ...values }), "late")

  assert.equal(late({ image: status() }), `No image after 2 minutes. ${hope}`)
  assert.equal(late({ image, progress }), `No image after 2 minutes. It still waits, 12 ahead in the queue. ${hope}`)
  assert.equal(late({ image: again }), `No image after 2 minutes. It still waits to be tried again, in the queue. ${hope}`)
  assert.match(late({ image, patience: Date.parse(image.metadata.queued_at) + 125_000 }), /^No image after 4 minutes\./)
})

test("a request without an answer is said to be kept, and why is for the connection to tell", () => {
  const kept = person({ wish: { step: "kept" } })
  const late = person({ wish: { step: "asking" }, image: status({ status: "failed", error: "No." }) })

  for (const [asked, phase] of [[kept, "never"], [late, "failed"]]) {
    for (const connection of ["live", "polling"]) {
      assert.match(settledWords(asked, phase, connection), /^Limner does not take requests just now\./)
      assert.equal(drawLabel(asked, phase, connection), "Waiting for an answer…")
    }
    assert.match(settledWords(asked, phase, "offline"), /when the connection is back\.$/)
    assert.equal(drawLabel(asked, phase, "offline"), "Waiting for the connection…")
  }
  assert.equal(drawLabel(person({ wish: { step: "asking" } }), "asking", "live"), "Generating…")
})

test("who cancels sees that it is being canceled, however late it is and wherever the server is", () => {
  const canceling = (step, values = {}) => person({ image: status(), wish: { step, isCancel: true }, patience: 0, ...values })

  assert.deepEqual(loadingWords(canceling("canceling"), "drawing", "live", after(1)), {
    headline: "Canceling…", line: "", detail: "",
  })
  assert.match(loadingWords(canceling("canceling"), "drawing", "offline", after(1)).line, /when the connection is back/)
  assert.match(loadingWords(canceling("kept"), "drawing", "live", after(1)).line, /sent again/)
  assert.equal(settledWords(canceling("canceling"), "late", "live"), "Canceling…")
  assert.match(settledWords(canceling("kept"), "late", "offline"), /^Canceling… .*when the connection is back/)
  assert.match(settledWords(canceling("kept", { image: status({ status: "failed" }) }), "failed", "offline"), /^Canceled\./)
  assert.equal(drawLabel(canceling("kept", { image: status({ status: "failed" }) }), "failed", "offline"), "Try again")
})

test("a drawing says how long it took", () => {
  assert.deepEqual([26.4, 0.2, null].map(drawnWords), ["Drawn in 26 s.", "Drawn in less than a second.", "Drawn."])
})

test("the button says what it would do", () => {
  const image_url = "/api/images/1.png"

  assert.equal(drawLabel(person(), "never"), "Generate Image")
  assert.equal(drawLabel(person(), "asking"), "Generating…")
  assert.equal(drawLabel(person({ image_url }), "done"), "Draw again")
  assert.equal(drawLabel(person({ image_url }), "failed"), "Try again")
  assert.equal(drawLabel(person(), "late"), "Keep waiting")
})

test("a story counts its people", () => {
  assert.equal(tally({ characters: [] }, []), "")
  assert.equal(tally({ characters: [person()] }, ["never"]), "1 character · 0 drawn")
  assert.equal(tally({ characters: [person({ image_url: "/" }), person()] }, ["done", "drawing"]), "2 characters · 1 drawn · 1 under way")
})
