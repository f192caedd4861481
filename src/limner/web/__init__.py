"""HTTP: Starlette's only home. Endpoints parse, call one flow or store, and answer."""
