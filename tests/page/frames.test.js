import assert from "node:assert/strict"
import { test } from "node:test"

import { Frames } from "../../src/limner/web/page/frames.js"

// Frames that come when the test says so, with what they showed counted in `shown`.
function framed() {
  const waiting = new Map()
  const screen = { shown: 0, next: () => [...waiting.values()].forEach((show) => show()) }
  let number = 0
  const request = (show) => (waiting.set(++number, show), number)
  const frames = new Frames(() => screen.shown++, { request, cancel: (frame) => waiting.delete(frame) })
  return { frames, screen }
}

test("what changes between two frames is shown once, in the next", () => {
  const { frames, screen } = framed()

  for (let change = 0; change < 200; change++) frames.soon()
  assert.equal(screen.shown, 0)
  screen.next()
  assert.equal(screen.shown, 1)
  frames.soon()
  screen.next()
  assert.equal(screen.shown, 2)
})

test("what is shown at once is not shown again in the next frame", () => {
  const { frames, screen } = framed()

  frames.soon()
  frames.now()
  screen.next()
  assert.equal(screen.shown, 1)
})

test("what waits while no frame comes is shown when the time comes, and what does not wait is not", () => {
  const { frames, screen } = framed()

  frames.overdue()
  assert.equal(screen.shown, 0)
  frames.soon()
  frames.overdue()
  frames.overdue()
  assert.equal(screen.shown, 1)
})
