const FIRST_MS = 1_000
const MOST_MS = 30_000
const LEAST_MS = 250

// Full jitter: a crowd of pages that lost their server together must not come back together.
export function backoffMs(failures, random) {
  const ceiling = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(failures, 10))
  return LEAST_MS + random() * (ceiling - LEAST_MS)
}
