import { Dialogs } from "./dialogs.js"
import { Form } from "./form.js"
import { LibraryView } from "./library_view.js"
import { PlotView } from "./plot_view.js"
import { PortraitView } from "./portrait_view.js"
import { Removal } from "./removal.js"
import { find } from "./story.js"
import { ToastView } from "./toast_view.js"
import { write } from "./elements.js"

const element = (id) => document.getElementById(id)

// The whole page, derived from its one state. What a person does goes to the actions.
export class View {
  #actions
  #library
  #plot
  #portrait
  #toasts
  #dialogs
  #characterForm
  #characterRemoval
  #plotForm
  #plotRemoval
  #place

  constructor(actions) {
    this.#actions = actions
    this.#library = new LibraryView(element("library"), actions.onMorePlots)
    this.#plot = new PlotView(element("plot"), actions)
    this.#portrait = new PortraitView(element("portrait-dialog"), actions.onMoreImages)
    this.#toasts = new ToastView(element("toasts"), actions)
    this.#dialogs = new Dialogs(element("toasts"), actions.onLeaveDialog)
    this.#characterForm = new Form(element("character-form"), (fields) => actions.onCharacter(this.#place, fields))
    this.#characterRemoval = new Removal(element("character-form"), () => actions.onRemoveCharacter(this.#place))
    this.#plotForm = new Form(element("plot-form"), (fields) => actions.onPlot(this.#place, fields))
    this.#plotRemoval = new Removal(element("plot-form"), () => actions.onRemovePlot(this.#place))
    new Form(element("first-plot"), (fields) => actions.onPlot(this.#place, fields))
  }

  get areToastsHeld() {
    return this.#toasts.isHeld
  }

  show(state, nowMs) {
    this.#place = state.place
    this.#library.show(state)
    this.#plot.show(state, nowMs)
    this.#toasts.show(state, nowMs)
    this.#showDialog(state)
    const title = [state.place.plotId && state.plot?.title, "Limner"].filter(Boolean).join(" · ")
    // Told to the whole browser each time that it is set.
    if (document.title !== title) document.title = title
  }

  tick(state, nowMs) {
    if (!state.place.plotId) return
    this.#plot.tick(state, nowMs)
    this.#toasts.show(state, nowMs)
  }

  focusOnReturn(characterId) {
    this.#dialogs.returnTo(() => this.#plot.focus(characterId))
  }

  #showDialog(state) {
    const { dialog, plotId, characterId } = state.place
    const isNew = dialog === "new"
    if (!dialog) return this.#dialogs.close()
    // What it is about is not read yet; if it turns out not to be there, the address is left.
    if (!isNew && !state.plot) return

    const character = find(state, characterId)
    const key = `${dialog} ${plotId} ${characterId}`
    if (isNew || dialog === "story") return this.#dialogs.open(key, element("plot-dialog"), () => this.#fillPlot(state, isNew))
    if (dialog === "add") return this.#dialogs.open(key, element("character-dialog"), () => this.#fillCharacter(null))
    if (!character) return queueMicrotask(this.#actions.onLeaveDialog)

    if (dialog === "edit") return this.#dialogs.open(key, element("character-dialog"), () => this.#fillCharacter(character))
    this.#portrait.show(character, state.place, state.gallery)
    this.#dialogs.open(key, element("portrait-dialog"), () => {})
  }

  #fillCharacter(character) {
    const dialog = element("character-dialog")
    write(dialog.querySelector("h2"), character ? `Edit ${character.name}` : "Add a character")
    write(dialog.querySelector("button:not([type])"), character ? "Save" : "Add character")
    this.#characterForm.fill(character ?? {})
    this.#characterRemoval.reset(Boolean(character), `Delete ${character?.name} and every image of this character?`)
  }

  #fillPlot({ plot }, isNew) {
    const dialog = element("plot-dialog")
    write(dialog.querySelector("h2"), isNew ? "A new story" : "Edit this story")
    write(dialog.querySelector("button:not([type])"), isNew ? "Begin" : "Save")
    this.#plotForm.fill(isNew ? {} : plot)
    this.#plotRemoval.reset(!isNew, `Delete “${plot?.title}” with all its characters and images?`)
  }
}
