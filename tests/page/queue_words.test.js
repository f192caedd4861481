import assert from "node:assert/strict"
import { test } from "node:test"

import { scaleOf } from "../../src/limner/web/page/queue_bar.js"
import {
  age, byWords, courseWords, extentWords, restWords, stateWords, took, troubleWords,
} from "../../src/limner/web/page/queue_words.js"

test("times are as exact as they need to be", () => {
  assert.deepEqual([0.01, 0.42, 9.94, 12.7, 61].map(took), ["0 s", "0.4 s", "9.9 s", "12 s", "1 min 1 s"])
  assert.deepEqual([3_599, 3_600, 4_000, 100_000, 200_000].map(age), [
    "59 min 59 s", "1 h", "1 h 6 min", "27 h 46 min", "2 days",
  ])
})

const phases = [
  { status: "pending", seconds: 2 }, { status: "generating", seconds: 3, isLost: true },
  { status: "pending", seconds: 1 }, { status: "generating", seconds: 8 },
]

test("the words say what the bar shows", () => {
  assert.equal(courseWords({ status: "completed", phases }), "Waited 3.0 s · drew 8.0 s · 3.0 s lost")
  assert.equal(courseWords({ status: "generating", phases }), "Waited 3.0 s · drawing for 8 s · 3.0 s lost")
  assert.equal(courseWords({ status: "pending", phases: phases.slice(0, 1) }), "Waiting 2 s")
  assert.equal(courseWords({ status: "canceled", phases: phases.slice(0, 1) }), "Waited 2.0 s")
})

test("an attempt is spoken of when it says something", () => {
  const by = (status, attempt) => byWords({ status, attempt, max_attempts: 3, provider: "blank", model: "blank" })
  assert.equal(by("generating", 1), "blank · attempt 1 of 3")
  assert.equal(by("completed", 1), "blank")
  assert.equal(by("completed", 2), "blank · 2 of 3 attempts")
  assert.equal(by("pending", 0), "blank")
  assert.equal(by("pending", 2), "blank · 2 of 3 attempts used")
})

test("progress is shown while it is of now", () => {
  const progress = { stage: "drawing", progress: 0.4, progress_kind: "estimated", heardMs: 1_000 }
  assert.equal(stateWords({ status: "generating" }, progress, 2_000), "Drawing · about 40 %")
  assert.equal(stateWords({ status: "generating" }, { ...progress, progress: null }, 2_000), "Drawing")
  assert.equal(stateWords({ status: "generating" }, progress, 20_000), "")
  assert.equal(stateWords({ status: "failed", since: new Date(0).toISOString() }, null, 61_000), "Failed · 1 min 1 s ago")
})

test("what went wrong is said first of all", () => {
  const late = { status: "generating", late_since: new Date(0).toISOString(), last_error: "Busy." }
  assert.equal(troubleWords(late, 9_000), "Its worker has not been heard of for 9 s.")
  assert.equal(troubleWords({ ...late, late_since: null }), "The attempt before: Busy.")
  assert.equal(troubleWords({ status: "failed", error: "No.", error_code: "internal" }), "No. (internal)")
  assert.equal(troubleWords({ status: "completed", last_error: "Busy." }), null)
})

test("lists say what they leave out", () => {
  assert.equal(restWords(10_000, 50), "and 9,950 more")
  assert.equal(restWords(50, 50), "")
  const counts = { completed: 3, failed: 1, canceled: 0, window_seconds: 3_600 }
  assert.equal(extentWords("finished", { counts }, 4), "in the last hour: 3 completed, 1 failed, 0 canceled")
})

test("a few that took very long do not make the others small", () => {
  const lasting = (...seconds) => seconds.map((each) => ({ phases: [{ seconds: each }] }))
  assert.equal(scaleOf(lasting(4, 6, 8)), 10)
  assert.equal(scaleOf(lasting(5, 5, 5, 5, 5, 5, 5, 500)), 20)
  assert.equal(scaleOf([]), 1)
  assert.equal(scaleOf(lasting(9_000, 9_000)), 9_000)
})
