"""A mistake in a ``kubernetes:`` block is told with its path, its line and what to write."""
# ruff: noqa: E501 - a table is read row by row, one line each

import pytest

from hub_ext.contract.errors import PolicyMistakes
from hub_ext.policy.reading import read_policy
from tests.policy.kubernetes_samples import TEXT

SMALL, RESEARCH = "profiles.small.kubernetes", "groups.research.kubernetes"
TORCH = f"{SMALL}.profileOptions.image.choices.torch"

# id: (text to replace, its replacement, expected path, expected words)
MISTAKES = {
    "key": ("serviceAccountName:", "serviceAccount:", f"{RESEARCH}.serviceAccount", "did you mean 'serviceAccountName'?"),
    "key in our case": ("envFromSecrets", "env_from_secrets", f"{RESEARCH}.env_from_secrets", "did you mean 'envFromSecrets'?"),
    "key at the top": ("  onDemand:", "  ondemand:", "kubernetes.ondemand", "did you mean 'onDemand'?"),
    "key of a part": ("      scheduler: {priority", "      shceduler: {priority", "profiles.spot.kubernetes.shceduler", "did you mean 'scheduler'?"),
    "empty": ("emptyDir: {}", "emptyDir:", "profiles.spot.kubernetes.volumes[0].emptyDir", "is empty"),
    "volume without source": (", emptyDir: {}", "", "profiles.spot.kubernetes.volumes[0]", "has no source; add one of persistentVolumeClaim"),
    "volume with two": ("emptyDir: {}", "emptyDir: {}, secret: {secretName: a}", "profiles.spot.kubernetes.volumes[0]", "has 2 sources, secret and emptyDir"),
    "mount of no volume": ("[{name: shared, mountPath", "[{name: sharde, mountPath", f"{RESEARCH}.volumeMounts[0].name", "did you mean 'shared'?"),
    "mount twice": ("[{name: scratch, mountPath: /scratch}]", "[{name: scratch, mountPath: /s}, {name: scratch, mountPath: /s}]", "profiles.spot.kubernetes.volumeMounts[1]", "'/s' stands twice"),
    "path": ("mountPath: /home/shared", "mountPath: home", f"{RESEARCH}.volumeMounts[0].mountPath", "'home' is no whole path; write such as /shared"),
    "label value": ("{team: research}", "{team: a b}", f"{RESEARCH}.nodeSelector.team", "'a b' is no label value"),
    "label key": ("{pool: notebooks}", "{_pool: notebooks}", f"{SMALL}.nodeSelector._pool", "'_pool' is no label key"),
    "our label": ("{team: profile", "{gatehouse/user: bob", "profiles.gpu-notebook.kubernetes.labels.gatehouse/user", "choose another key"),
    "the chart's label": ("{team: profile", "{component: hub", "profiles.gpu-notebook.kubernetes.labels.component", "choose another key"),
    "our annotation": ("{owner: platform}", "{hub.jupyter.org/username: x}", "kubernetes.annotations.hub.jupyter.org/username", "choose another key"),
    "name": ("serviceAccountName: research", "serviceAccountName: Research", f"{RESEARCH}.serviceAccountName", "write lower-case letters"),
    "secret with a value": ("[research-database]", "[DB_PASSWORD=x]", f"{RESEARCH}.envFromSecrets[0]", "is no name that Kubernetes takes"),
    "image": ("image: images.example.org/cuda:12", 'image: "a b"', "profiles.gpu-notebook.kubernetes.image", "is no container image"),
    "toleration without key": ("{key: batch, operator: Exists}", "{effect: NoSchedule}", "profiles.spot.kubernetes.worker.tolerations[0]", "names no key"),
    "toleration of any value": ("{key: batch, operator: Exists}", "{key: batch, operator: Exists, value: a}", "profiles.spot.kubernetes.worker.tolerations[0]", "bears every value"),
    "effect": ('value: "true", effect: NoSchedule', 'value: "true", effect: NoSched', "kubernetes.spot.tolerations[0].effect", "did you mean 'NoSchedule'?"),
    "gpu not said": ("{l4: {nodeSelector", "{a100: {nodeSelector", "kubernetes.gpus", "does not say what GPU 'l4' is, which profile gpu-notebook uses; add l4:"),
    "gpu resource": ("{l4: {nodeSelector", "{l4: {resource: gpu, nodeSelector", "kubernetes.gpus.l4.resource", "write it as the device plugin names it, nvidia.com/gpu"),
    "option for no group": ("groups: [analysts]", "groups: [analyst]", f"{SMALL}.profileOptions.disk.groups[0]", "did you mean 'analysts'?"),
    "choice for no group": ("groups: [research]\n              kubespawner", "groups: [Research]\n              kubespawner", f"{TORCH}.groups[0]", "'Research' is no usable name"),
    "choice for nobody": ("groups: [research]\n              kubespawner", "groups: []\n              kubespawner", f"{TORCH}.groups", "needs at least one entry"),
    "choice sets memory": ("node_selector: {disk", "mem_limit: 64G\n                node_selector: {disk", f"{TORCH}.kubespawner_override.mem_limit", "is no known key; there is image, node_selector"),
    "choice sets uid": ("node_selector: {disk", "uid: 0\n                node_selector: {disk", f"{TORCH}.kubespawner_override.uid", "is no known key"),
    "choice gives the node": ("node_selector: {disk", "volumes: [{name: root, hostPath: {path: /}}]\n                node_selector: {disk", f"{TORCH}.kubespawner_override", "a directory of the node, which no choice can give"),
    "choice mounts nothing": ("node_selector: {disk", "volume_mounts: [{name: no, mountPath: /a}]\n                node_selector: {disk", f"{TORCH}.kubespawner_override.volume_mounts[0].name", "'no' is no volume"),
    "option without choices": ("choices: {slow: {display_name: Slow}}", "", f"{SMALL}.profileOptions.disk", "has no choices"),
    "pattern": ("[0-9.]+", "[0-9.+", f"{SMALL}.profileOptions.image.unlisted_choice.validation_regex", "is no regular expression"),
    "typed and left out": ('"{value}"', "images.example.org/a", f"{SMALL}.profileOptions.image.unlisted_choice.kubespawner_override.image", "leaves out what the person typed"),
    "camel case of an option": ("display_name: Disk", "displayName: Disk", f"{SMALL}.profileOptions.disk.displayName", "did you mean 'display_name'?"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "path", "words"), MISTAKES.values(), ids=MISTAKES)
def test_mistake_is_told(old: str, new: str, path: str, words: str) -> None:
    """A mistake is told with its path and what to write."""
    assert old in TEXT
    changed = TEXT.replace(old, new, 1)
    with pytest.raises(PolicyMistakes) as mistakes:
        read_policy(changed)
    told = mistakes.value.mistakes
    assert any(mistake.startswith(f"{path} (line ") and words in mistake for mistake in told), told
