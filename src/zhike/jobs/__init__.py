"""Work that goes on in the background: asked for by a person, with progress, stopped, resumed, told of at the end."""
