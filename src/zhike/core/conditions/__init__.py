"""The condition language: one meaning, three evaluators (Python, Django `Q`, frames).

Data is parsed and checked once (`parse`), relative dates are resolved once (`resolve`); what
remains are eleven tests and three connectives, which every evaluator knows.
"""
