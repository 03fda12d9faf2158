"""Checks Kubernetes documents against schemas. Prints a JSON list: documents and faults of each file.

    python3 validate.py FILE.yaml …

Kubernetes' own kinds: the strict schemas that the package kubernetes-validate carries, so an unknown field is a fault.
Kinds of KEDA and of the Prometheus operator: schemas/KIND.json beside this file, with the fields that Antre uses.
A kind without a schema is a fault, and so is a file without documents.
"""

import json
import pathlib
import sys

import jsonschema
import kubernetes_validate
import yaml

KUBERNETES = "1.37"
SCHEMAS = pathlib.Path(__file__).parent / "schemas"


class Loader(yaml.SafeLoader):
    """Refuses a key that stands twice: PyYAML takes the last one in silence."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        twice = {str(key) for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.YAMLError(f"twice in one place: {', '.join(sorted(twice))}")
        return super().construct_mapping(node, deep)


def is_kubernetes_own(document):
    group = document["apiVersion"].rpartition("/")[0]
    return "." not in group or group.endswith(".k8s.io")


def faults(document):
    if is_kubernetes_own(document):
        try:
            kubernetes_validate.validate(document, KUBERNETES, strict=True)
        except kubernetes_validate.ValidationError as error:
            yield f"{'.'.join(map(str, error.path))}: {error.message}"
        except (kubernetes_validate.SchemaNotFoundError, kubernetes_validate.InvalidSchemaError) as error:
            yield str(error)
        return
    schema = SCHEMAS / f"{document['kind']}.json"
    if not schema.exists():
        yield f"no schema {schema.name}"
        return
    checker = jsonschema.Draft202012Validator(json.loads(schema.read_text()))
    for error in checker.iter_errors(document):
        yield f"{'.'.join(map(str, error.absolute_path))}: {error.message}"


def looked_at(path):
    with open(path, encoding="utf-8") as file:
        try:
            documents = [document for document in yaml.load_all(file, Loader) if document]
        except yaml.YAMLError as error:
            return {"documents": [], "faults": [str(error)]}
    found = [
        f"{document['kind']}/{document['metadata']['name']}: {fault}"
        for document in documents
        for fault in faults(document)
    ]
    return {"documents": documents, "faults": found if documents else ["no document"]}


if __name__ == "__main__":
    json.dump([looked_at(path) for path in sys.argv[1:]], sys.stdout)
