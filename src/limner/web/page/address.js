// Which story an address means: {plotId} for `/?plot=<id>` or `/#<id>`, {isNew: true} for `/?new`, {} for the newest.
export function readAddress({ search, hash }) {
  const query = new URLSearchParams(search)
  const plotId = query.get("plot") || hash.replace(/^#/, "")

  if (query.has("new")) return { isNew: true }
  return plotId ? { plotId } : {}
}

export function addressOf(plotId) {
  return `/?plot=${encodeURIComponent(plotId)}`
}
