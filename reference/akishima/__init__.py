"""The reference deployment: Akishima City's data linkage for the support of children, on synthetic people (架空データ).

Everything in this package is data of one deployment or makes such data: the catalogue of its departments
(``catalogue/``), approved-query templates (``templates/``), accounts (``principals.yaml``), queries for the
demonstration (``queries/``), and the deterministic generator of the city (``generate``). No core room imports it.
"""
