"""How a convention lives, from deliberation to archive. Temporal only: decides, never touches the world."""
