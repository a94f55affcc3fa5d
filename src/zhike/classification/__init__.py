"""Live, explainable classes: schemes as versioned data, facts, placements and their history."""
