"""The peers' servers, each as its own documentation writes it; they run in the peers' venv."""
