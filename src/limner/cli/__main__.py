"""`python -m limner.cli`, by which `limner up` starts its children."""

from limner.cli import main

main()
