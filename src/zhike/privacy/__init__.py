"""What a person may ask of us: what we hold, to correct it, to forget it, to leave them unclassified; and their consent."""
