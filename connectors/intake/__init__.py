"""From a department's own file to the draft of a dataset: what the file looks like, and what its columns may be.

``survey`` reads a file as it is; ``proposals`` says what each column may be and why, in doubt the stricter; ``draft``
writes that for people and reads what they made of it. Nothing here decides: a draft counts for nothing until the
department's steward has confirmed each part of it.
"""
