// Light or dark, before anything is painted: so this is no module, which would come after.
{
  const root = document.documentElement
  const system = matchMedia("(prefers-color-scheme: dark)")
  const other = { light: "dark", dark: "light" }
  const current = () => root.dataset.scheme ?? (system.matches ? "dark" : "light")

  const kept = (() => {
    try {
      return localStorage.getItem("scheme")
    } catch {
      // Storage may be forbidden; the system's own choice holds then.
      return null
    }
  })()
  if (kept in other) root.dataset.scheme = kept

  const show = () => {
    document.getElementById("scheme").setAttribute("aria-pressed", String(current() === "dark"))
    for (const meta of document.querySelectorAll("meta[name=theme-color]")) {
      meta.content = getComputedStyle(root).getPropertyValue(`--paper-${current()}`).trim()
    }
  }
  document.addEventListener("DOMContentLoaded", () => {
    show()
    system.addEventListener("change", show)
    document.getElementById("scheme").addEventListener("click", () => {
      root.dataset.scheme = other[current()]
      try {
        localStorage.setItem("scheme", root.dataset.scheme)
      } catch {
        // It holds for as long as the page is open.
      }
      show()
    })
  })
}
