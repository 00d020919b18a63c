"""A policy for Kubernetes: two groups, a GPU, spot workers, images to choose from."""

from functools import cache

from hub_ext.policy.document import Policy
from hub_ext.policy.reading import read_policy

TEXT = """\
apiVersion: gatehouse/v1
prices: [{from: 2026-01-01, core_hour: 0.04, gpu_hour: {l4: 0.70}, spot_factor: 30%}]
profiles:
  small:
    kind: server
    title: Small notebook
    cores: 1
    memory: 2 GiB
    kubernetes:
      nodeSelector: {pool: notebooks}
      profileOptions:
        image:
          display_name: Image
          choices:
            plain: {display_name: Plain, kubespawner_override: {image: images.example.org/plain:1}}
            torch:
              display_name: PyTorch
              default: true
              groups: [research]
              kubespawner_override:
                image: images.example.org/torch:2
                node_selector: {disk: fast, pool: spot, gpu: none}
          unlisted_choice:
            enabled: true
            groups: [research]
            validation_regex: images\\.example\\.org/[a-z/ ]+:[0-9.]+
            validation_message: write images.example.org/NAME:TAG
            kubespawner_override: {image: "{value}"}
        disk:
          display_name: Disk
          groups: [analysts]
          choices: {slow: {display_name: Slow}}
  gpu-notebook:
    kind: server
    cores: 4
    memory: 16 GiB
    gpus: {l4: 2}
    kubernetes: {nodeSelector: {gpu: any}, image: images.example.org/cuda:12, labels: {team: profile, tier: gold}}
  steady:
    kind: cluster
    worker: {cores: 1, memory: 2 GiB}
    workers: {max: 10}
  spot:
    kind: cluster
    worker: {cores: 2, memory: 4 GiB, gpus: {l4: 1}}
    workers: {max: 10}
    spot: {workers: true}
    kubernetes:
      priorityClassName: batch
      volumes: [{name: scratch, emptyDir: {}}]
      volumeMounts: [{name: scratch, mountPath: /scratch}]
      scheduler: {priorityClassName: schedulers}
      worker:
        tolerations: [{key: batch, operator: Exists}]
        volumeMounts: [{name: scratch, mountPath: /tmp/dask}]
groups:
  research:
    title: Research
    match: [/research]
    profiles: [small, gpu-notebook, steady, spot]
    kubernetes:
      serviceAccountName: research
      nodeSelector: {team: research}
      labels: {team: research}
      volumes: [{name: shared, persistentVolumeClaim: {claimName: research}}]
      volumeMounts: [{name: shared, mountPath: /home/shared}]
      envFromSecrets: [research-database]
  analysts: {title: Analysts, match: [/analysts], profiles: [small, steady]}
kubernetes:
  annotations: {owner: platform}
  priorityClassName: people
  gpus: {l4: {nodeSelector: {gpu: l4}, tolerations: [{key: nvidia.com/gpu, operator: Exists, effect: NoSchedule}]}}
  spot: {nodeSelector: {pool: spot}, tolerations: [{key: spot, value: "true", effect: NoSchedule}]}
  onDemand: {nodeSelector: {pool: on-demand}}
defaults: {contact: "#data-platform"}
"""


@cache
def policy() -> Policy:
    """Return the sample policy."""
    return read_policy(TEXT)
