// Where in the page one is. All of it stands in the address, so that a reload, the back button and a link that is sent
// to somebody lead to the same: {plotId, dialog, characterId, taskId}, each null where it is not meant.
//
//     /                       the stories              /?dialog=new                a new one
//     /?plot=P                a story                  /?plot=P&dialog=story       its title and style
//     /?plot=P&dialog=add     a new character          /?plot=P&dialog=edit&character=C
//     /?plot=P&dialog=portrait&character=C&image=T     the portraits of one; T names an earlier generation
const DIALOGS = ["add", "edit", "portrait", "story"]
const OF_A_CHARACTER = ["edit", "portrait"]

export const nowhere = { plotId: null, dialog: null, characterId: null, taskId: null }

// Whatever is no address of ours leads to the nearest that is one.
export function readAddress({ search }) {
  const query = new URLSearchParams(search)
  const plotId = query.get("plot")
  const dialog = query.get("dialog")
  if (!plotId) return { ...nowhere, dialog: dialog === "new" ? "new" : null }

  const characterId = OF_A_CHARACTER.includes(dialog) ? query.get("character") : null
  if (!DIALOGS.includes(dialog) || (OF_A_CHARACTER.includes(dialog) && !characterId)) return { ...nowhere, plotId }
  return { plotId, dialog, characterId, taskId: dialog === "portrait" ? query.get("image") : null }
}

export function addressOf(place) {
  const { plotId, dialog, characterId, taskId } = { ...nowhere, ...place }
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries({ plot: plotId, dialog, character: characterId, image: taskId })) {
    if (value) query.set(name, value)
  }
  return query.size > 0 ? `/?${query}` : "/"
}
