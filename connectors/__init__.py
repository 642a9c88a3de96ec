"""The departments' side: sources, typed snapshots, derived datasets, and the agent that answers scan orders.

Raw values live here and nowhere else. A ``Department`` takes a structured order with the proof that its decision is in
the ledger, and gives a stream of exactly the ordered columns in their granted forms.
"""
