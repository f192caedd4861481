import { Api } from "../../src/limner/web/page/api.js"
import { platformWith } from "../../src/limner/web/page/client/platform.js"
import { Desk } from "../../src/limner/web/page/desk.js"
import { Errands } from "../../src/limner/web/page/errands.js"
import { phaseOf } from "../../src/limner/web/page/phase.js"
import { Store } from "../../src/limner/web/page/store.js"
import { blank, find, withoutPlot } from "../../src/limner/web/page/story.js"
import { shown } from "../../src/limner/web/page/toasts.js"
import { status } from "./examples.js"
import { settle } from "./fake_clock.js"
import { FakeServer, json } from "./fake_server.js"

export const image = "/api/characters/ada/image"

// A desk on a story of these characters, whose stream is live.
export async function opened(...characters) {
  const server = FakeServer.with(...characters)
  const fetch = (url, request) => server.fetch(url, request)
  const clock = { now: () => server.clock.now(), hear() {} }
  const store = new Store(blank, () => {})
  const limner = server.limner()
  const errands = new Errands({ limner, store, clock, platform: platformWith({ clock: server.clock, random: () => 1 }) })
  const desk = new Desk("plot", { limner, api: new Api({ fetch, clock: server.clock }), store, clock, errands })
  desk.open()
  await settle()
  server.stream.opens()
  server.stream.tells("heartbeat", {})
  await server.clock.pass(1_000)
  server.requests.length = 0
  return {
    server, desk, errands, store,
    get ada() { return find(store.state, "ada") },
    get phase() { return phaseOf(this.ada, server.clock.now()) },
    get toasts() {
      const { toasts, characters } = store.state
      return shown(toasts, characters, server.clock.now()).visible.map(({ phase: each }) => each)
    },
    leave() {
      desk.close()
      store.move(withoutPlot)
    },
  }
}

// What a server does with a POST; everything else is answered as usual.
export function posts(server, answer) {
  server.fault = (request) => (request.method === "POST" ? answer(request) : undefined)
}

export const taken = (values = {}) => json(202, status({ seq: 3, status: "pending", ...values }))
export const askings = ({ requests }) => requests.filter(({ method, path }) => method === "POST" && path === image)
export const cancels = ({ requests }) => requests.filter(({ path }) => path === `${image}/cancel`)
