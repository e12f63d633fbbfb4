"""What another edition of the OpenAPI document takes away from those who wrote a client for the earlier one."""

from collections.abc import Iterator, Mapping
from typing import Any

Document = Mapping[str, Any]


def losses(before: Document, after: Document) -> list[str]:
    """Return what a client of `before` may miss in `after`: addresses, methods, fields, values, and what a request needs all at once."""
    return sorted({*_of_paths(before, after), *_of_schemas(before, after)})


def _of_paths(before: Document, after: Document) -> Iterator[str]:
    for path, methods in before["paths"].items():
        for method, operation in methods.items():
            name = f"{method.upper()} {path}"
            present = after["paths"].get(path, {}).get(method)
            if present is None:
                yield f"{name} is gone"
                continue
            known, needed = _parameters(operation), _parameters(present)
            yield from (f"{name}: the parameter {parameter} is gone" for parameter in known.keys() - needed.keys())
            yield from (
                f"{name}: the parameter {parameter} is needed"
                for parameter, is_needed in needed.items()
                if is_needed and not known.get(parameter)
            )
            gone = operation.get("responses", {}).keys() - present.get("responses", {}).keys()
            yield from (f"{name}: the answer {status} is gone" for status in gone if status.startswith("2"))


def _parameters(operation: Document) -> dict[str, bool]:
    return {f"{entry['in']} {entry['name']}": bool(entry.get("required")) for entry in operation.get("parameters", ())}


def _of_schemas(before: Document, after: Document) -> Iterator[str]:
    asked = {name for document in (before, after) for name in _forms_of_requests(document)}
    for name, schema in before["components"]["schemas"].items():
        present = after["components"]["schemas"].get(name)
        if present is None:
            yield f"{name} is gone"
            continue
        fields, left = schema.get("properties", {}), present.get("properties", {})
        yield from (f"{name}.{field} is gone" for field in fields.keys() - left.keys())
        for field in fields.keys() & left.keys():
            yield from (f"{name}.{field}: the value {value} is gone" for value in _values(fields[field]) - _values(left[field]))
        new = set(present.get("required", ())) - set(schema.get("required", ()))
        yield from (f"{name}.{field} is needed" for field in new if name in asked)


def _values(schema: Document) -> set[str]:
    """The values that a field may have, wherever they stand in its schema."""
    found = {str(value) for value in schema.get("enum", ())} | ({str(schema["const"])} if "const" in schema else set())
    for part in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())):
        found |= _values(part)
    return found


def _forms_of_requests(document: Document) -> Iterator[str]:
    for methods in document["paths"].values():
        for operation in methods.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                yield str(content["schema"].get("$ref", "")).rpartition("/")[2]
