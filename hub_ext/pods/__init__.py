"""What runs as pods, when it started and ended, as the API server says.

Facts come from container statuses: a pod's interval runs from the moment its main container first ran to the moment it
last ended, by the kubelet's clock in whole seconds. What waits for a machine, or for its image, is shown apart and
costs nothing.

- ``facts`` reads one pod's JSON, ``sweeping`` says which pods are too many, ``charging`` turns facts into events,
  ``measures`` reads what pods use and ``splitting`` tells busy time from idle: pure.
- ``api`` speaks to the API server, ``watching`` lists and watches: the only modules with input and output, and the
  only ones of the service that import ``kubernetes_asyncio``.

**Nothing is lost while nobody watches.** Scheduler and worker pods carry the finalizer ``gatehouse/ledger``: such a
pod stays readable after its end until the end is in the ledger; then, and only then, the finalizer is taken off. A
watcher that is killed between the two does both again, and neither changes anything the second time. Servers carry
none, so that stopping one never waits for this service: the hub reports their end, too. Where neither saw it, the
interval ends at the last moment at which the pod was known to live, ``estimated``, until somebody knows better.

The service's account needs, in each watched namespace: ``pods`` get, list, watch, patch, delete;
``daskclusters.gateway.dask.org`` list, patch; ``resourcequotas`` list; ``pods.metrics.k8s.io`` list; ``namespaces``
get (a Role may give it for its own namespace). Nothing cluster-wide, and no secrets.
"""
