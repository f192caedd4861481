import assert from "node:assert/strict"
import { test } from "node:test"

import { isLoading, PATIENCE_MS, phaseOf, progressOf } from "../../src/limner/web/page/phase.js"
import { character, progress, status } from "./examples.js"

const queued = Date.parse("2026-11-22T20:59:50Z")
const of = (values, nowMs = queued) => phaseOf({ ...character(), wish: null, patience: 0, ...values }, nowMs)
const inFlight = ["pending", "generating"]
const final = ["completed", "failed", "canceled"]

test("a person is kept waiting for two minutes", () => {
  assert.equal(PATIENCE_MS, 120_000)
})

test("each status has its phase", () => {
  assert.deepEqual(inFlight.map((name) => of({ image: status({ status: name }) })), ["waiting", "drawing"])
  assert.deepEqual(final.map((name) => of({ image: status({ status: name }) })), ["done", "failed", "canceled"])
  assert.equal(of({}), "never")
})

test("loading begins with the click, and ends with whatever is final, however late it is and whatever is asked", () => {
  assert.equal(of({ wish: { step: "asking" } }), "asking")
  for (const name of final) {
    for (const nowMs of [queued, queued + 10 * PATIENCE_MS]) {
      assert.equal(isLoading(of({ image: status({ status: name }) }, nowMs)), false)
    }
  }
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
