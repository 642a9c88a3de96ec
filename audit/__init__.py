"""The ledger: what was asked, decided and released, kept so that anybody can prove it whole without trusting us.

Entries are canonical JSON in a Merkle tree (RFC 6962); the head of the tree is a signed checkpoint (C2SP
``tlog-checkpoint``); each append hands back a receipt (C2SP ``tlog-proof``) that proves the entry to whoever holds the
ledger's public key. ``docs/ledger.md`` specifies the bytes.

=====================  =========================================================================
``hashing``            the two hash functions of the tree, all that writer and verifier share
``merkle``             growing the tree and making proofs; the writer's side
``merkle_verify``      checking proofs; the reader's side
``note``               signed notes and their keys
``checkpoint``         the signed head of the tree
``receipt``            the proof that an entry is in the ledger
``entry``              reading entries: strict bytes, closed schema
``encoding``           writing entries: canonical bytes
``file_format``        the SQLite file: its schema, and opening it
``store``              the statements that run on it
``admission``          what an entry must fulfil against the entries before it
``head``               where a stored ledger stands, read with distrust
``writer``             one commit
``ledger``             append, read, prove
``verification``       the second opinion: reads the whole file and shares no writing code
``tree_check``         its tree
``findings``           its report
``keys``               the files of the ledger's keys
=====================  =========================================================================
"""
