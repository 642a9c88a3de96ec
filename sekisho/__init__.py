"""Composition root: what puts the rooms together into a deployment, its Python API, and the command ``sekisho``.

=====================  =========================================================================
``deployment``         ``Deployment.load(dir)``: a deployment, checked as a whole
``settings``           ``deployment.yaml``, and the deployment's clock
``layout``             where its parts stand in its folder
``new_deployment``     a new, empty deployment
``establish``          keys, store, ledger and tokens of a new deployment
``broker``             ``Broker.ask(AskRequest)`` and ``Broker.explain``
``ask_request``        what the broker is asked
``identity``           signed tokens: issuing and verifying
``key_files``          private keys as files of their owner alone
``actions``            what runs no query: one policy question, one decision in the ledger
``approvals``          起案・審査・合議・決裁 of query templates
``approval_store``     the deployment's own store of their states
``guideline_state``    the guideline as a draft or approved, and by whom
``registrations``      drafting, confirming and registering a department's dataset
``catalogue_file``     adding a dataset to a department's file
``registration_store`` the store of these approvals, and of what was confirmed of new datasets
``store_file``         the file of the deployment's own store
``departments``        opening the departments whose sources stand in the deployment's folder
``checks``             ``sekisho check``
``policy_checks``      ``sekisho policy test``
``demo``               ``sekisho demo``: finding a reference city and telling its story
``demo_ending``        the end of every story: the ledger, whole and tampered
``cli``                the command; ``options``, ``session``, ``terminal`` and ``commands`` belong to it
``query_documents``    releases and explanations as documents and as text
``exports``            releases as files
``typed_values``       what people type, read as what was declared
``log_file``           where the log goes
=====================  =========================================================================
"""
