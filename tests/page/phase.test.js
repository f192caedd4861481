import assert from "node:assert/strict"
import { test } from "node:test"

import { canAsk, isLoading, PATIENCE_MS, phaseOf, progressOf } from "../../src/limner/web/page/phase.js"
import { character, progress, status } from "./examples.js"

const queued = Date.parse("2026-11-22T20:59:50Z")
const of = (values, nowMs = queued) => phaseOf({ ...character(), wish: null, patience: 0, ...values }, nowMs)
const inFlight = ["pending", "generating"]
const final = ["completed", "failed", "canceled"]
const asking = { step: "asking", taskId: null, sinceMs: queued }

test("a person is kept waiting for two minutes", () => {
  assert.equal(PATIENCE_MS, 120_000)
})

test("each status has its phase", () => {
  assert.deepEqual(inFlight.map((name) => of({ image: status({ status: name }) })), ["waiting", "drawing"])
  assert.deepEqual(final.map((name) => of({ image: status({ status: name }) })), ["done", "failed", "canceled"])
  assert.equal(of({}), "never")
})

test("loading begins with the click, and ends with whatever is final, however late it is and whatever is asked", () => {
  assert.equal(of({ wish: asking }), "asking")
  for (const name of final) {
    const image = status({ status: name })
    for (const wish of [null, asking, { ...asking, step: "canceling", isCancel: true, taskId: image.task_id }]) {
      for (const nowMs of [queued, queued + 10 * PATIENCE_MS]) {
        assert.equal(isLoading(of({ image, wish }, nowMs)), false, `${name} while ${wish?.step}`)
      }
    }
  }
})

test("who asks for another image waits for that one", () => {
  const image = status({ status: "completed" })

  assert.equal(of({ image, wish: { ...asking, taskId: image.task_id } }), "asking")
})

test("two minutes without an answer are too long as well", () => {
  assert.equal(of({ wish: asking }, queued + PATIENCE_MS - 1), "asking")
  assert.equal(of({ wish: asking }, queued + PATIENCE_MS), "never")
})

test("only a wish to cancel leaves room for another to draw", () => {
  const can = (image, wish) => canAsk({ ...character(), image, wish })

  assert.deepEqual(inFlight.map((name) => can(status({ status: name }), null)), [false, false])
  assert.deepEqual(final.map((name) => can(status({ status: name }), null)), [true, true, true])
  assert.equal(can(status({ status: "failed" }), { step: "kept" }), false)
  assert.equal(can(status({ status: "failed" }), { step: "kept", isCancel: true }), true)
})

test("a wish that could not be sent is no loading", () => {
  assert.equal(of({ wish: { step: "kept" } }), "never")
  assert.equal(of({ wish: { step: "kept" }, image: status({ status: "failed" }) }), "failed")
})

test("two minutes without a final status are too long, and loading ends", () => {
  for (const name of inFlight) {
    const image = status({ status: name })
    assert.equal(isLoading(of({ image }, queued + PATIENCE_MS - 1)), true)
    assert.equal(of({ image }, queued + PATIENCE_MS), "late")
  }
  assert.equal(isLoading("late"), false)
})

test("an image that comes after that is shown all the same", () => {
  assert.equal(of({ image: status({ status: "completed" }) }, queued + 2 * PATIENCE_MS), "done")
})

test("who says to wait on is kept waiting for two minutes more", () => {
  const patience = queued + PATIENCE_MS + 5_000

  assert.equal(of({ image: status(), patience }, patience), "drawing")
  assert.equal(of({ image: status(), patience }, patience + PATIENCE_MS), "late")
})

test("ten seconds after the last hint progress is unknown, but a place in the queue holds", () => {
  const hint = { ...progress(), heardMs: queued }

  assert.equal(progressOf({ image: status(), progress: hint }, queued + 9_999), hint)
  assert.equal(progressOf({ image: status(), progress: hint }, queued + 10_000), null)
  assert.equal(progressOf({ image: status({ status: "pending" }), progress: hint }, queued + 60_000), hint)
  assert.equal(progressOf({ image: status(), progress: null }, queued), null)
})
