import { platformWith } from "./client/platform.js"
import { Requests } from "./client/requests.js"
import { Watch } from "./client/watch.js"
import { ServerClock } from "./clock.js"
import { QueueScope } from "./queue_scope.js"
import { blankQueue, withConnection, withProgress, withView } from "./queue_state.js"
import { QueueView } from "./queue_view.js"
import { Store } from "./store.js"

const TICK_MS = 500

const clock = new ServerClock()
const platform = platformWith()
const requests = new Requests({}, platform)
const view = new QueueView(document.getElementById("queue"))
const store = new Store(blankQueue, (state) => view.show(state, clock.now()))

const listeners = {
  onQueue: (told) => {
    clock.hearNow(told.at)
    store.move(withView, told)
  },
  onProgress: (told) => store.move(withProgress, told, clock.now()),
  onConnection: (connection) => store.move(withConnection, connection, clock.now()),
}

new Watch((tell) => new QueueScope(requests, tell), listeners, { requests, platform, onEnd: () => {} })
setInterval(() => view.tick(store.state, clock.now()), TICK_MS)
view.show(store.state, clock.now())
