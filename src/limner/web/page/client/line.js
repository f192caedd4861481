import { backoffMs } from "./backoff.js"

const PROOF_MS = 5_000
const STEADY_MS = 1_000
const HEARTBEAT_MS = 15_000
const GRACE_MS = 3_000
const FIRST_BEAT_MS = HEARTBEAT_MS + PROOF_MS
const SILENCE_MS = 40_000
const TICK_MS = 5_000
const CLIMB = { firstMs: 2_000, mostMs: 300_000 }

const CLOSED = 2

// The event stream of a watch, kept alive through what a browser's own EventSource gives up on: any answer but 200, a
// socket that died without a word, a machine that slept.
//
// An open connection proves nothing: a proxy may pass on the head and keep the body, and a server that is full opens,
// says when to come back, and ends. So a line is live once an event has come over it. To have one come at once, the
// newest transition is asked for again; where there is none, the first heartbeat must do. Over a way that has brought
// events before, a connection that stays open for a second is live too, but not proven: a browser comes back by itself
// also where the way has become another, from home to a proxy.
export class Line {
  #open
  #listeners
  #platform
  #source = null
  #isLive = false
  #isProven = false
  #isTrusted = false
  #isHopeful = false
  #failures = 0
  #openedAt = 0
  #heardAt = 0
  #tickedAt = 0
  #timers = {}

  // open() gives an EventSource and whether an event must come at once. listeners: event(type, data); live and lost
  // tell of changes; doubted that nothing may come over it for a while.
  constructor(open, listeners, platform) {
    this.#open = open
    this.#listeners = listeners
    this.#platform = platform
  }

  get isLive() {
    return this.#isLive
  }

  // Something has come over this very connection.
  get isProven() {
    return this.#isProven
  }

  // It was opened a moment ago, or broke a moment ago: too early to speak of trouble.
  get isHopeful() {
    return this.#isHopeful
  }

  // Neither open, nor about to be.
  get isIdle() {
    return this.#source === null && this.#timers.climb === undefined
  }

  open() {
    this.#openWith({ isHopeful: true })
  }

  #openWith({ isHopeful }) {
    this.close()
    this.#openedAt = this.#heardAt = this.#platform.now()
    const { source, isAnsweredAtOnce } = this.#open()
    this.#source = source

    const listen = (name, hear) => source.addEventListener(name, (event) => source === this.#source && hear(event))
    listen("open", () => this.#opened())
    listen("error", () => this.#failed())
    listen("byte", () => this.#reached())
    for (const name of ["status", "progress", "plot", "queue", "heartbeat"]) listen(name, (event) => this.#receive(event))

    if (isHopeful) this.#hope()
    this.#after("mute", isAnsweredAtOnce ? PROOF_MS : FIRST_BEAT_MS, () => this.#retreat())
    this.#tickedAt = this.#platform.now()
    this.#after("tick", TICK_MS, () => this.#tick())
  }

  close() {
    for (const name of Object.keys(this.#timers)) this.#cancel(name)
    this.#source?.close()
    this.#source = null
    this.#isHopeful = false
    this.#drop()
  }

  // The page is looked at again, or the network is back: timers may have slept, and a dead socket says nothing.
  wake() {
    const isHealthy = this.#isLive && this.#silenceMs <= HEARTBEAT_MS + GRACE_MS
    // Several signs of one awakening come together.
    const isFresh = this.#source !== null && this.#platform.now() - this.#openedAt < STEADY_MS
    if (isHealthy || isFresh) return

    this.#failures = 0
    this.#reopen()
  }

  #opened() {
    this.#heardAt = this.#platform.now()
    if (this.#isTrusted) this.#after("steady", STEADY_MS, () => this.#goLive())
    if (!this.#timers.mute) this.#after("mute", FIRST_BEAT_MS, () => this.#retreat())
  }

  // Something comes through, be it only the greeting of a server that is full.
  #reached() {
    this.#heardAt = this.#platform.now()
    if (!this.#isProven && !this.#timers.greeted) this.#after("greeted", STEADY_MS, () => this.#prove())
  }

  #receive({ type, data }) {
    this.#prove()
    this.#listeners.event(type, JSON.parse(data))
  }

  #prove() {
    this.#heardAt = this.#platform.now()
    for (const name of ["steady", "greeted", "mute"]) this.#cancel(name)
    this.#isTrusted = true
    this.#isProven = true
    this.#failures = 0
    this.#goLive()
  }

  #goLive() {
    this.#cancel("proof")
    this.#isHopeful = false
    if (this.#isLive) return

    this.#isLive = true
    this.#listeners.live()
  }

  // The browser comes back by itself, when the server has told it to, unless it was refused.
  #failed() {
    this.#heardAt = this.#platform.now()
    for (const name of ["steady", "greeted", "mute"]) this.#cancel(name)
    if (this.#source.readyState === CLOSED) return this.#retreat()

    // What breaks again before it was live has had its chance.
    if (this.#isLive) this.#hope()
    this.#drop()
  }

  // Nothing comes this way. It is tried again later, and later each time.
  #retreat() {
    this.#isTrusted = false
    this.close()
    const waitMs = backoffMs(this.#failures++, CLIMB, this.#platform.random)
    this.#after("climb", waitMs, () => this.#openWith({ isHopeful: false }))
    this.#listeners.doubted()
  }

  #hope() {
    this.#isHopeful = true
    this.#after("proof", PROOF_MS, () => {
      this.#isHopeful = false
      this.#listeners.doubted()
    })
  }

  // A timer counts the time awake; the clock on the wall tells what was slept through.
  #tick() {
    const now = this.#platform.now()
    const hasSlept = now - this.#tickedAt > 2 * TICK_MS
    this.#tickedAt = now
    this.#after("tick", TICK_MS, () => this.#tick())

    if (hasSlept) this.wake()
    else if (this.#silenceMs > SILENCE_MS) this.#reopen()
  }

  // A clock that was set back counts as well.
  get #silenceMs() {
    return Math.abs(this.#platform.now() - this.#heardAt)
  }

  // Who has been without a stream for long does not begin to hope anew.
  #reopen() {
    this.#isTrusted = false
    this.#openWith({ isHopeful: this.#isLive || this.#isHopeful })
  }

  #drop() {
    this.#isProven = false
    if (!this.#isLive) return
    this.#isLive = false
    this.#listeners.lost()
  }

  #after(name, ms, act) {
    this.#cancel(name)
    this.#timers[name] = this.#platform.setTimeout(() => {
      delete this.#timers[name]
      act()
    }, ms)
  }

  #cancel(name) {
    this.#platform.clearTimeout(this.#timers[name])
    delete this.#timers[name]
  }
}
