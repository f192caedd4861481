import { arrange, setAttribute, show, write } from "./elements.js"
import { drawChart, scaleOf } from "./queue_bar.js"
import { QueueEntry } from "./queue_entry.js"
import { grown, isLost } from "./queue_state.js"
import {
  chartWords, extentWords, finishedIn, queueConnectionWords, restWords, scaleWords, titleWords,
} from "./queue_words.js"

const LISTS = ["generating", "pending", "finished"]
const LEAST_COLUMNS = 24
const OFFLINE = "The connection is lost. What you see may be a moment old; it comes back by itself."

// The page of the queue, derived from its state and the time, and nothing else.
export class QueueView {
  #section
  #entries = new Map()
  #charted = {}

  constructor(section) {
    this.#section = section
  }

  show(state, nowMs) {
    const { view, connection } = state
    const isEmpty = view !== null && LISTS.every((name) => view[name].length === 0)
    setAttribute(this.#section, "data-connection", isLost(connection) ? "offline" : connection)
    write(this.#find("#connection"), queueConnectionWords(connection))
    write(this.#find(".notice p"), isLost(connection) ? OFFLINE : "")
    show(this.#find(".notice"), isLost(connection))
    show(this.#find(".reading"), !view && !isLost(connection))
    show(this.#find(".empty"), isEmpty)
    for (const selector of [".columns", ".figures"]) show(this.#find(selector), view !== null && !isEmpty)
    if (!view) return

    const title = titleWords(view)
    // Told to the whole browser each time that it is set.
    if (document.title !== title) document.title = title
    this.#showFigures(view)
    this.#showLists(view)
    this.tick(state, nowMs)
  }

  tick({ view, progress, lostMs }, nowMs) {
    if (!view) return
    const untilMs = lostMs ?? nowMs
    const lists = LISTS.map((name) => view[name].map((entry) => grown(entry, view.at, untilMs)))
    const [generating, , finished] = lists
    const scaleSeconds = scaleOf([...generating, ...finished])
    for (const entry of lists.flat()) {
      this.#entries.get(entry.task_id).tick(entry, progress[entry.task_id], scaleSeconds, untilMs)
    }
    this.#showChart(view, finished, scaleSeconds)
  }

  #showFigures({ counts }) {
    for (const figure of this.#section.querySelectorAll(".figure")) {
      const { of } = figure.dataset
      const count = of === "finished" ? finishedIn(counts) : counts[of]
      write(figure.querySelector("dd"), count.toLocaleString("en"))
      figure.toggleAttribute("data-is-none", count === 0)
    }
  }

  #showLists(view) {
    const focused = document.activeElement
    const gone = new Set(this.#entries.keys())
    for (const name of LISTS) {
      const part = this.#find(`#${name}`)
      arrange(part.querySelector(".entries"), view[name], (entry) => this.#entryOf(entry).element)
      view[name].forEach((entry, place) => {
        gone.delete(entry.task_id)
        this.#entryOf(entry).show(entry, place)
      })
      show(part.querySelector(".nobody"), view[name].length === 0)
      write(part.querySelector(".extent"), extentWords(name, view, view[name].length))
      const rest = part.querySelector(".rest")
      if (rest) write(rest, restWords(view.counts[name], view[name].length))
    }
    for (const taskId of gone) this.#entries.delete(taskId)
    if (focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true })
  }

  #showChart(view, finished, scaleSeconds) {
    if (this.#charted.view === view && this.#charted.scaleSeconds === scaleSeconds) return
    this.#charted = { view, scaleSeconds }
    const chart = this.#find(".columns-of-time")
    show(this.#find(".chart"), finished.length > 0)
    setAttribute(chart, "aria-label", chartWords(finished))
    write(this.#find(".height"), scaleWords(scaleSeconds))
    drawChart(chart, finished, Math.max(LEAST_COLUMNS, finished.length), scaleSeconds)
  }

  #entryOf({ task_id: taskId }) {
    if (!this.#entries.has(taskId)) this.#entries.set(taskId, new QueueEntry())
    return this.#entries.get(taskId)
  }

  #find(selector) {
    return this.#section.querySelector(selector)
  }
}
