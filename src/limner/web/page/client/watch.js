import { Line } from "./line.js"
import { Poller } from "./poller.js"

// Something that is watched, by whichever way works: a stream; where there is none, questions whose answers the server
// holds; where those are cut, a question each second. The questions go on until a stream is proven, and a stream is
// tried again and again behind them.
export class Watch {
  #scope
  #listeners
  #platform
  #line
  #poller
  #hearing = new AbortController()
  #connection = "connecting"
  #trouble = null
  #toldWhy = null
  #isReached = false
  #isAway = false
  #isProbing = false
  #onEnd

  // scopeWith(tell) makes what is watched. onEnd is called once nothing is watched any more.
  constructor(scopeWith, listeners, { requests, platform, onEnd }) {
    this.#scope = scopeWith((name, ...values) => this.#tell(name, ...values))
    this.#listeners = listeners
    this.#platform = platform
    this.#onEnd = onEnd
    this.#line = new Line(() => this.#openStream(requests), this.#lineListeners, platform)
    this.#poller = new Poller(this.#scope, this.#pollerListeners, platform)
    this.#heedPlatform()
    this.#poller.start()
  }

  get connection() {
    return this.#connection
  }

  get transport() {
    if (this.#line.isLive) return "stream"
    if (!this.#isReached || this.#trouble) return null
    return this.#scope.isHeld ? "long-poll" : "poll"
  }

  // Read again what a stream does not tell.
  refresh() {
    if (this.#isOver) return
    this.#ask()
  }

  close() {
    if (this.#isOver) return
    this.#hearing.abort()
    this.#line.close()
    this.#poller.stop()
    this.#onEnd()
  }

  // What the server answered to a command is news like any other.
  hearAnswer(status) {
    if (!this.#scope.hearAnswer(status)) return
    this.#endIfDone()
    this.#readWhatIsStale()
    this.#poller.hurry()
  }

  get #isOver() {
    return this.#hearing.signal.aborted
  }

  // Asked for from one before the newest: that one comes again, at once, and proves that the way is open.
  #openStream(requests) {
    const { eventsPath, cursor } = this.#scope
    const path = cursor > 0 ? `${eventsPath}?last_event_id=${cursor - 1}` : eventsPath
    return { source: requests.openEvents(path), isAnsweredAtOnce: cursor > 0 }
  }

  get #lineListeners() {
    return {
      event: (type, data) => {
        this.#scope.hear(type, data)
        this.#readWhatIsStale()
        this.#endIfDone()
      },
      // What is no transition is never replayed, so it is read.
      live: () => {
        this.#trouble = null
        this.#poller.stop()
        this.#scope.expire()
        this.#readWhatIsStale()
        if (!this.#line.isProven) this.#poller.start()
        this.#show()
      },
      lost: () => {
        this.#isReached = false
        this.#show()
      },
      doubted: () => {
        this.#poller.start()
        this.#show()
      },
    }
  }

  get #pollerListeners() {
    return {
      reached: () => {
        this.#isReached = true
        this.#isProbing = false
        this.#trouble = null
        this.#endIfDone()
        if (this.#isOver) return
        if (this.#line.isIdle) this.#line.open()
        if (this.#line.isProven && !this.#scope.isStale) this.#poller.stop()
        this.#show()
      },
      failed: (error) => {
        if (error.isNotFound) return this.#endAsGone()
        this.#trouble = error
        // A browser says that it is offline before it gives up a stream; what is asked anew tells whether it is.
        if (this.#isProbing && error.status === 0) this.#line.close()
        this.#isProbing = false
        this.#show()
      },
    }
  }

  #heedPlatform() {
    const { events } = this.#platform
    const on = (name, act) => events.addEventListener(name, act, { signal: this.#hearing.signal })
    // A page in the back-forward cache may hold no connection, and is told nothing there.
    on("pagehide", () => this.#leave())
    on("pageshow", () => this.#return())
    on("online", () => this.#wake())
    on("visibilitychange", () => !this.#platform.isHidden() && this.#wake())
    on("offline", () => this.#probe())
  }

  #leave() {
    this.#isAway = true
    this.#line.close()
    this.#poller.stop()
  }

  #return() {
    if (!this.#isAway) return
    this.#isAway = false
    this.#isReached = false
    this.#scope.expire()
    this.#poller.start()
    this.#show()
  }

  #wake() {
    if (!this.#line.isIdle) this.#line.wake()
    this.#poller.renew()
  }

  // The network may be away, and the server be on this machine. Only what is asked from now on can tell.
  #probe() {
    if (this.#isAway) return
    this.#isProbing = true
    this.#poller.stop()
    this.#ask()
  }

  #readWhatIsStale() {
    if (!this.#isOver && !this.#isAway && this.#scope.isStale) this.#poller.start()
  }

  #ask() {
    this.#scope.expire()
    this.#poller.start()
    this.#poller.hurry()
  }

  #endIfDone() {
    if (this.#isOver || !this.#scope.isDone) return
    this.close()
    this.#call("onDone")
  }

  #endAsGone() {
    this.#connection = "gone"
    this.close()
    this.#call("onConnection", "gone", null)
  }

  #show() {
    if (this.#isOver || this.#isAway) return

    const connection = this.#connectionNow
    // Why it is offline may change while it is: a network that is back may lead to a server that wants to know who asks.
    const why = connection === "offline" ? this.#trouble : null
    if (connection === this.#connection && why?.status === this.#toldWhy?.status) return
    this.#connection = connection
    this.#toldWhy = why
    this.#tell("onConnection", connection, why)
  }

  get #connectionNow() {
    if (this.#line.isLive) return "live"
    if (this.#trouble) return "offline"
    return this.#line.isHopeful || !this.#isReached ? "connecting" : "polling"
  }

  #tell(name, ...values) {
    if (!this.#isOver) this.#call(name, ...values)
  }

  #call(name, ...values) {
    try {
      this.#listeners[name]?.(...values)
    } catch (error) {
      this.#platform.report(error)
    }
  }
}
