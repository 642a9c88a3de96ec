"""The wide language: for queries whose every table is declared to hold no data subject (ADR 0047).

The strict language of `query_broker.resolve` admits what could be thought through for rows of persons. Where no row is
about anybody there is nobody to be found, and the language of ordinary statistics will do: decimals, patterns, set
against scalar subqueries, DISTINCT and LIMIT at will. It takes the same path, stage by stage; whether a table holds no
data subject its holder declares, the policy decides by its own data, and the certificate checks again. One table of
persons in a query, and the whole of it is read by the strict language.
"""
