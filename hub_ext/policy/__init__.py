"""What may you do. Pure: no IO, no clock, no globals; time, money and what is in use are arguments.

The file, in the order of reading: ``lines`` YAML to values with lines -> ``fields`` and ``document`` the values'
types -> ``mistakes`` in plain words -> ``draft``, ``references``, ``figures`` what contradicts itself; ``reading``
calls them all.

The question, in the order of answering: ``resolving`` person to entitlement -> ``limits``, ``purse`` and ``rates`` the
figures -> ``weighing`` one start, ``growing`` a cluster's workers -> ``wording`` the sentence; ``admission`` and
``offering`` call them. ``explaining`` and ``schema`` tell administrators and editors what a policy means.
"""
