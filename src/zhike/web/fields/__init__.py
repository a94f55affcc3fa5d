"""The company's own fields: made, named, ordered, retired; and the lists in which a form searches."""
