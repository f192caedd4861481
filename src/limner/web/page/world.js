// What the modules with timers need of a browser, in one place, so that a test can hand them another.
export const world = {
  openStream: (url) => new EventSource(url),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer),
  // Wall-clock time: unlike performance.now() it goes on while a laptop sleeps, which is when silence must be noticed.
  now: () => Date.now(),
  random: () => Math.random(),
}
