"""Pure scoring: a model, frames and a day in; frames out. No clock, no input or output, no randomness."""
