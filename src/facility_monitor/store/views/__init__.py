"""What people read: rows shaped like the API's answers. What the caller may not see is left out by the query itself.

The functions of a list take ``after``, the sort key of the last row before, and return ``limit`` rows at most.
"""
