"""The writes of privacy, one file for each thing that a person may ask."""
