"""分类: every dimension, its classes as sentences, and how many customers are in each."""
