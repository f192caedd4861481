import { totalOf } from "./queue_state.js"

const SVG = "http://www.w3.org/2000/svg"
const STEPS = [1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 900, 1_800, 3_600]
const LEAST_SHARE = 0.4
const TALL = 4

// How many seconds the whole width stands for: enough for all, but for a few that took far longer than the others.
export function scaleOf(entries) {
  const totals = entries.map(totalOf).sort((a, b) => a - b)
  const longest = totals.at(-1) ?? 0
  const usual = totals[Math.floor(totals.length * 0.75)] ?? 0
  const needed = Math.min(longest, TALL * Math.max(usual, 1))
  return STEPS.find((step) => step >= needed) ?? needed
}

// One generation from left to right, phase by phase; paler, what is still expected of one that is being drawn.
export function drawBar(svg, entry, scaleSeconds) {
  const parts = []
  let start = 0
  for (const phase of entry.phases) {
    parts.push(...across(phase, start, scaleSeconds))
    start += phase.seconds
  }
  if (entry.status === "generating") {
    const left = entry.estimate.high_seconds - entry.phases.at(-1).seconds
    const at = { x: percent(start, scaleSeconds), width: percent(left, scaleSeconds), height: "100%" }
    if (left > 0) parts.push(rect("expected", at))
  }
  svg.replaceChildren(...parts)
  svg.toggleAttribute("data-is-cut", start > scaleSeconds)
}

// The last ones side by side, the newest at the right, each a column of its phases with its outcome beneath.
export function drawChart(svg, entries, most, scaleSeconds) {
  const oldestFirst = entries.slice(0, most).reverse()
  const step = 100 / most
  const parts = oldestFirst.flatMap((entry, place) => {
    const x = 100 - (oldestFirst.length - place) * step
    return [...column(entry, x, step * 0.7, scaleSeconds), outcome(entry, x + step * 0.35)]
  })
  svg.replaceChildren(...parts)
}

function across({ status, isLost, seconds }, start, scaleSeconds) {
  const width = Math.max(LEAST_SHARE, share(seconds, scaleSeconds))
  const at = { x: percent(start, scaleSeconds), width: `${width}%`, height: "100%" }
  return isLost ? [rect("lost", at), rect("hatch", at)] : [rect(status, at)]
}

// A sixth at the foot is for the outcomes.
function column({ phases }, x, width, scaleSeconds) {
  let foot = 84
  return phases.flatMap(({ status, isLost, seconds }) => {
    const height = Math.min(foot, Math.max(LEAST_SHARE, share(seconds, scaleSeconds) * 0.84))
    foot -= height
    const at = { x: `${x}%`, y: `${foot}%`, width: `${width}%`, height: `${height}%` }
    return isLost ? [rect("lost", at), rect("hatch", at)] : [rect(status, at)]
  })
}

// Told apart by their form as well.
function outcome({ status }, x) {
  if (status === "completed") return shape("circle", `${status} outcome`, { cx: `${x}%`, cy: "94%", r: 2 })
  const [width, height] = status === "failed" ? [3, 9] : [6, 2]
  const mark = { x: `${x}%`, y: "94%", width, height, transform: `translate(${-width / 2} ${-height / 2})` }
  return rect(`${status} outcome`, mark)
}

function share(seconds, scaleSeconds) {
  return (100 * seconds) / scaleSeconds
}

function percent(seconds, scaleSeconds) {
  return `${share(seconds, scaleSeconds)}%`
}

function rect(name, attributes) {
  return shape("rect", name, attributes)
}

function shape(kind, name, attributes) {
  const element = document.createElementNS(SVG, kind)
  element.setAttribute("class", name)
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value)
  return element
}
