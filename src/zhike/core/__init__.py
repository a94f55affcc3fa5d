"""The domain in plain Python: no framework, no frames, no clock, no I/O.

A condition is a function from one customer's facts, at one moment, to yes or no.
A scheme is an ordered list of conditions: the first that holds gives the class.
Everything else in Zhike follows from these two sentences.
"""
