"""What is done to values before they leave a department, and to a result before it leaves the broker.

``forms`` turns a column into its granted form, ``conditions`` says which rows meet a condition, ``canonical`` brings
identifiers to the one text form of their kind, ``keys`` makes pseudonyms and is for the departments' side only, and
``output`` protects what a query answers.
"""
