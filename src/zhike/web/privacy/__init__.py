"""What a person may ask of us, on screen: consents, requests, what we hold, being forgotten; masked values revealed."""
