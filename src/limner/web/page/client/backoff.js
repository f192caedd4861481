// Half of the wait is fixed and half is chance: a crowd that lost its server together must not come back together, and
// none of it may come back at once.
export function backoffMs(failures, { firstMs, mostMs }, random) {
  const ceilingMs = Math.min(mostMs, firstMs * 2 ** Math.min(failures, 16))
  return (ceilingMs / 2) * (1 + random())
}
