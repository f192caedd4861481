import assert from "node:assert/strict"
import { test } from "node:test"

import { Desk } from "../../src/limner/web/page/desk.js"
import { character, neverDrawn, plot, progress, status } from "./examples.js"
import { FakeWorld, settle } from "./fake_world.js"

// A desk over a server that is played by `api`; what is missing there answers with a plot of one character.
async function opened(api = {}) {
  const world = new FakeWorld()
  const seen = []
  const desk = new Desk("plot", {
    api: { plot: async () => plot(character()), ...api },
    clock: { hear() {} },
    onChange: (state) => seen.push(state),
    world,
  })
  await desk.open()
  return { world, desk, get state() { return seen.at(-1) } }
}

function held() {
  let release
  const promise = new Promise((resolve, reject) => (release = { resolve, reject }))
  return { promise, ...release }
}

test("the answer to a request goes through the same door as an event, and a late one changes nothing", async () => {
  const answer = held()
  const page = await opened({ draw: () => answer.promise })

  page.desk.draw("ada")
  assert.equal(page.state.characters[0].asking, true)
  page.world.stream.tells("status", status({ seq: 2, status: "generating" }), 2)
  answer.resolve(status({ seq: 1, status: "pending" }))
  await settle()

  assert.equal(page.state.characters[0].image.status, "generating")
  assert.equal(page.state.characters[0].asking, false)
})

test("one click asks once", async () => {
  let asked = 0
  const page = await opened({ draw: () => (asked++, held().promise) })

  page.desk.draw("ada")
  page.desk.draw("ada")
  assert.equal(asked, 1)
})

test("a request that was refused says why on its card", async () => {
  const page = await opened({ draw: async () => { throw { status: 429, message: "Too many.", wasAnswered: true } } })

  await page.desk.draw("ada")
  assert.equal(page.state.characters[0].trouble.message, "Too many.")
})

test("a request that reached nobody says so until the link is live again, and can then be made again", async () => {
  let isAway = true
  const page = await opened({ draw: async () => {
    if (isAway) throw { status: 0, message: "Nobody there.", wasAnswered: false }
    return status({ seq: 1, status: "pending" })
  } })

  page.world.stream.tells("heartbeat", {})
  page.world.stream.breaks()
  await page.desk.draw("ada")
  assert.equal(page.state.characters[0].trouble.message, "Nobody there.")

  isAway = false
  page.world.stream.tells("heartbeat", {})
  await settle()
  assert.equal(page.state.link, "live")
  assert.equal(page.state.characters[0].trouble, null)
  assert.equal(page.state.characters[0].asking, false)

  await page.desk.draw("ada")
  assert.equal(page.state.characters[0].image.status, "pending")
})

test("after a reconnect progress is unknown until a new hint comes", async () => {
  const page = await opened({ plot: async () => plot(character({ image: status() })) })
  page.world.stream.tells("progress", progress({ progress: 0.33 }))

  page.world.stream.breaks()
  page.world.stream.tells("heartbeat", {})
  await settle()
  assert.equal(page.state.characters[0].progress, null)

  page.world.stream.breaks()
  page.world.stream.tells("progress", progress({ progress: 0.5 }))
  await settle()
  assert.equal(page.state.characters[0].progress.progress, 0.5)
})

test("ten seconds after the last hint progress is unknown again", async () => {
  const page = await opened({ plot: async () => plot(character({ image: status() })) })

  page.world.stream.tells("progress", progress({ progress: 0.33 }))
  await page.world.pass(6_000)
  page.world.stream.tells("progress", progress({ progress: 0.5 }))
  await page.world.pass(9_999)
  assert.equal(page.state.characters[0].progress.progress, 0.5)

  await page.world.pass(1)
  assert.equal(page.state.characters[0].progress, null)
})

test("a place in the queue holds until another is told", async () => {
  const page = await opened({ plot: async () => plot(character({ image: status({ status: "pending" }) })) })

  page.world.stream.tells("progress", progress({ progress: null, stage: "queued", queue_position: 3 }))
  await page.world.pass(30_000)
  assert.equal(page.state.characters[0].progress.queue_position, 3)
})

test("a status of a character not yet known has the plot read again", async () => {
  const answers = [plot(), plot(character()), plot(character({ image: status({ seq: 2 }) }))]
  const page = await opened({ plot: async () => answers.shift() })

  page.world.stream.tells("status", status({ seq: 2 }), 2)
  await settle()
  assert.equal(page.state.characters[0].image.status, "generating")
})

test("a reading that began before our own addition does not take the new card away", async () => {
  const slow = held()
  const answers = [plot(), slow.promise, plot(character())]
  const page = await opened({
    plot: async () => answers.shift() ?? plot(character()),
    addCharacter: async () => character({ image: neverDrawn() }),
  })

  page.world.stream.tells("plot", { plot_id: "plot" })
  await page.desk.addCharacter({ name: "Ada" })
  slow.resolve(plot())
  await settle()
  assert.equal(page.state.characters.length, 1)
})

test("while the stream is refused the page polls, and says whether that reaches anyone", async () => {
  let isAway = false
  const page = await opened({
    plot: async () => {
      if (isAway) throw { status: 503 }
      return plot(character({ image: status({ seq: 2 }) }))
    },
    status: async () => {
      if (isAway) throw { status: 0 }
      return { status: status({ seq: 3, status: "completed", image_url: "/api/images/1.png" }), etag: '"3"' }
    },
  })

  isAway = true
  page.world.stream.isRefused()
  await page.world.pass(1_000)
  assert.equal(page.state.link, "lost")

  isAway = false
  page.world.stream.isRefused()
  await page.world.pass(1_000)
  assert.equal(page.state.link, "polling")
  assert.equal(page.state.characters[0].image.status, "completed")
})

test("a story that is gone ends the watching", async () => {
  let isGone = false
  const page = await opened({ plot: async () => {
    if (isGone) throw { status: 404 }
    return plot(character())
  } })

  isGone = true
  page.world.stream.isRefused()
  await page.world.pass(100_000)
  page.desk.wake()

  assert.equal(page.state.link, "gone")
  assert.equal(page.state.characters.length, 1)
  assert.equal(page.world.streams.length, 1)
})

test("after every reconnect the plot is read, for what was added meanwhile is not told again", async () => {
  let readings = 0
  const page = await opened({ plot: async () => (readings++, plot(character())) })

  page.world.stream.tells("heartbeat", {})
  await settle()
  page.world.stream.breaks()
  page.world.stream.tells("heartbeat", {})
  await settle()
  assert.equal(readings, 3)
})
