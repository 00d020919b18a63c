"""What did you use: the ledger, and the only room that speaks SQL.

``tables`` what is kept -> ``database`` engine, transactions, migrations -> ``leases`` what counts against quota ->
``ledger`` events in, intervals out -> ``decisions`` every yes and no with its why.
"""
