"""Our labels are those that KubeSpawner would write, so that both join."""

from hypothesis import example, given
from hypothesis import strategies as st
from kubespawner.slugs import is_valid_label, safe_slug

from hub_ext.contract.labels import PodUnit, annotations_of, label_value, labels_of


@given(st.text(max_size=80) | st.from_regex(r"[A-Za-z0-9._@-]{1,70}", fullmatch=True))
@example("alice")
@example("Alice.B")
@example("a--b")
@example("-a")
@example("9@x")
@example("a\n")
def test_label_is_kubespawners(text: str) -> None:
    """For any text, the label value is that of KubeSpawner's ``safe_slug``, and valid."""
    if text.endswith("\n") and is_valid_label(text.removesuffix("\n")):
        return  # KubeSpawner's own check lets a line's end through, which Kubernetes then refuses
    assert label_value(text) == safe_slug(text, is_valid=is_valid_label)
    assert is_valid_label(label_value(text))


def test_line_end_is_no_label() -> None:
    """A text that ends a line is written in its safe form."""
    assert label_value("a\n") == "a---87428fc5"


def test_annotations_keep_the_text() -> None:
    """A label has a safe form, an annotation the text itself."""
    labels = labels_of(lease="d-1", unit=PodUnit.worker, user="Ada Lovelace", group="research", profile="spot")
    assert labels["gatehouse/user"] == label_value("Ada Lovelace")
    assert labels["gatehouse/unit"] == "worker"
    assert annotations_of(user="Ada Lovelace", group="g", profile="p")["hub.jupyter.org/username"] == "Ada Lovelace"
