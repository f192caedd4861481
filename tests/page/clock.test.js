import assert from "node:assert/strict"
import { test } from "node:test"

import { ServerClock, secondsSince } from "../../src/limner/web/page/clock.js"

test("the clock follows the newest moment the server has named, whatever the browser's own says", () => {
  let ms = 5_000
  const clock = new ServerClock(() => ms)

  clock.hear("2026-11-22T21:00:00Z")
  ms += 2_500
  assert.equal(clock.now(), Date.parse("2026-11-22T21:00:02.500Z"))
})

test("an old moment does not set the clock back", () => {
  const clock = new ServerClock(() => 0)

  clock.hear("2026-11-22T21:00:00Z")
  clock.hear("2026-11-22T20:00:00Z")
  assert.equal(clock.now(), Date.parse("2026-11-22T21:00:00Z"))
})

test("what has been long ago does not set the clock back, however long nothing was heard", () => {
  let ms = 0
  const clock = new ServerClock(() => ms)

  clock.hearNow("2026-11-22T21:00:00Z")
  ms += 600_000
  clock.hear("2026-11-22T21:00:05Z")
  assert.equal(clock.now(), Date.parse("2026-11-22T21:10:00Z"))
})

test("a clock that was wrong, or was set back, is followed for a minute and no longer", () => {
  let ms = 0
  const clock = new ServerClock(() => ms)

  clock.hearNow("2026-11-22T21:10:00Z")
  ms += 1_000
  clock.hearNow("2026-11-22T21:00:01Z")
  ms += 60_000
  clock.hearNow("2026-11-22T21:01:01Z")
  assert.equal(clock.now(), Date.parse("2026-11-22T21:01:01Z"))
})

test("an answer that was slow to come does not set the clock back", () => {
  let ms = 0
  const clock = new ServerClock(() => ms)

  clock.hearNow("2026-11-22T21:00:00Z")
  ms += 30_000
  clock.hearNow("2026-11-22T21:00:16Z")
  assert.equal(clock.now(), Date.parse("2026-11-22T21:00:30Z"))
})

test("what is no moment is not heard", () => {
  const clock = new ServerClock(() => 0)

  clock.hear(null)
  clock.hear("soon")
  assert.ok(Math.abs(clock.now() - Date.now()) < 1_000)
})

test("seconds are whole and never negative, and unknown for an unknown moment", () => {
  const start = "2026-11-22T21:00:00.900000Z"

  assert.equal(secondsSince(start, Date.parse("2026-11-22T21:00:03.800Z")), 2)
  assert.equal(secondsSince(start, Date.parse("2026-11-22T21:00:00Z")), 0)
  assert.equal(secondsSince(null, 0), null)
  assert.equal(secondsSince(undefined, 0), null)
})
