import assert from "node:assert/strict"
import { test } from "node:test"

import { platformWith } from "../../src/limner/web/page/client/platform.js"
import { Requests } from "../../src/limner/web/page/client/requests.js"
import { Watch } from "../../src/limner/web/page/client/watch.js"
import { QueueScope } from "../../src/limner/web/page/queue_scope.js"
import { blankQueue, grown, withConnection, withProgress, withView } from "../../src/limner/web/page/queue_state.js"
import { FakeClock, settle } from "./fake_clock.js"
import { json, noNetwork } from "./fake_server.js"
import { FakeStream } from "./fake_stream.js"

const view = (second, entries = {}) => ({
  at: `2026-11-22T21:00:0${second}.000000Z`, counts: {}, pending: [], generating: [], finished: [], ...entries,
})

// A watch of the queue with what it tells noted in `heard`, and a server that answers with `answer`.
async function watch(answer) {
  const [clock, streams, heard, server] = [new FakeClock(), [], [], { answer, asked: 0 }]
  const platform = platformWith({
    clock,
    random: () => 1,
    events: new EventTarget(),
    isHidden: () => false,
    fetch: async () => {
      server.asked += 1
      return server.answer()
    },
    EventSource: class extends FakeStream {
      constructor(url) {
        super(url)
        streams.push(this)
      }
    },
  })
  const requests = new Requests({}, platform)
  const listeners = {
    onQueue: ({ at }) => heard.push(Number(at.slice(18, 19))),
    onProgress: ({ task_id }) => heard.push(task_id),
    onConnection: (connection) => heard.push(connection),
  }
  const watched = new Watch((tell) => new QueueScope(requests, tell), listeners, { requests, platform, onEnd: () => {} })
  await settle()
  return { clock, streams, heard, server, watched }
}

test("what the stream brings is told, and nothing is asked for any more", async () => {
  const { clock, streams, heard, server, watched } = await watch(() => json(200, view(1)))
  assert.equal(streams[0].url, "/api/queue/events")

  streams[0].opens()
  streams[0].tells("queue", view(2))
  streams[0].tells("progress", { task_id: "task" })
  server.asked = 0
  await clock.pass(10_000)
  assert.deepEqual(heard, [1, "live", 2, "task"])
  assert.equal(server.asked, 0)
  watched.close()
})

test("without a stream it is asked for every two seconds", async () => {
  const { clock, streams, heard, server, watched } = await watch(() => json(200, view(1)))
  streams[0].isRefused()
  server.asked = 0
  await clock.pass(1_900)
  assert.equal(server.asked, 0)
  server.answer = () => json(200, view(3))
  await clock.pass(200)
  assert.deepEqual(heard, [1, "polling", 3])

  server.answer = noNetwork
  await clock.pass(2_000)
  assert.deepEqual(heard, [1, "polling", 3, "offline"])
  watched.close()
})

test("an answer that is older than what the stream has told is no news", () => {
  const heard = []
  const scope = new QueueScope(null, (_, { at }) => heard.push(at))
  for (const second of [5, 4, 6]) scope.hear("queue", view(second))
  assert.deepEqual(heard, [view(5).at, view(6).at])
})

const entry = (status, ...phases) => ({
  task_id: "task", status, phases: phases.map(([status, seconds]) => ({ status, seconds, attempt: 1 })),
})

test("what is under way grows with time, and what has ended does not", () => {
  const at = "2026-11-22T21:00:00.000000Z"
  const nowMs = Date.parse(at) + 3_000
  const seconds = (of) => grown(of, at, nowMs).phases.map(({ seconds }) => seconds)
  assert.deepEqual(seconds(entry("generating", ["pending", 2], ["generating", 1])), [2, 4])
  assert.deepEqual(seconds(entry("pending", ["pending", 2])), [5])
  assert.deepEqual(seconds(entry("completed", ["pending", 2], ["generating", 1])), [2, 1])
})

test("an attempt that was followed by waiting again was lost", () => {
  const told = entry("failed", ["pending", 1], ["generating", 2], ["pending", 3], ["generating", 4])
  assert.deepEqual(grown(told, "", 0).phases.map(({ isLost }) => isLost), [false, true, false, false])
})

test("progress is of what is drawn, and goes with it", () => {
  const drawing = withView(blankQueue, view(1, { generating: [entry("generating", ["generating", 1])] }))
  assert.equal(withProgress(drawing, { task_id: "another" }, 7), drawing)
  const progressed = withProgress(drawing, { task_id: "task", progress: 0.5 }, 7)
  assert.deepEqual(progressed.progress, { task: { task_id: "task", progress: 0.5, heardMs: 7 } })
  assert.deepEqual(withView(progressed, view(2)).progress, {})
})

test("while nothing is heard the clocks stand where that began", () => {
  const lost = withConnection(blankQueue, "offline", 5)
  assert.equal(withConnection(lost, "signed-out", 9).lostMs, 5)
  assert.equal(withConnection(lost, "live", 9).lostMs, null)
})
