"""What did you use: the ledger, and the only room that speaks SQL.

``tables`` what is kept -> ``database`` engine, transactions, migrations (``locks`` and ``trying``: when two meet) ->
``leases`` what counts against quota -> ``ledger`` events in, intervals out -> ``decisions`` every yes and no with its
why. For several replicas of the service: ``leader`` who does what must be done once, ``channel`` what the others must
hear. For the administrator: ``backup`` and ``restoring`` (``archive`` the file, ``copying`` its rows), ``retention``
what is too old goes, ``checking`` whether it adds up.
"""
