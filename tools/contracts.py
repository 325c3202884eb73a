"""The contract between the files of a feature, for import-linter: what a file holds says what it may import, not its name.

A file holds *views* (it makes or fills a blueprint), *forms* (a class of WTForms), *verbs* (it asks for a right, records a fact,
moves a proposal or adds a row), *models* (a table) or *rules* (its name begins so). Of two, the higher one counts.
"""

from __future__ import annotations

import ast
from enum import IntEnum
from pathlib import Path

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, output

ROOT = Path(__file__).resolve().parent.parent
#: What a verb must not need: it is called from jobs, commands and tests as well.
WEB = frozenset({"flask_login", "wtforms", "flask_wtf", "webapp.kernel.htmx", "webapp.kernel.forms"})
#: The settings are there without a request too.
OF_FLASK = frozenset({"current_app", "has_request_context"})
#: A call of one of these makes a function a verb.
ACTS = frozenset({"require", "record", "advance", "locked"})


class Role(IntEnum):
    """What a file holds; a file may import its own role and what is smaller."""

    RULES = 1
    MODELS = 2
    VERBS = 3
    FORMS = 4
    VIEWS = 5


def role_of(name: str, tree: ast.Module) -> Role | None:
    """The role of a source with this module name; None for what is none of the five (words, pages, jobs, letters)."""
    last = name.rpartition(".")[2]
    if last.startswith("rules"):
        return Role.RULES
    roles = {Role.VERBS} if last == "services" else set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            owner = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
            if called in ACTS or (owner == "db.session" and called in ("add", "add_all", "delete")):
                roles.add(Role.VERBS)
        elif isinstance(node, ast.ImportFrom) and node.module == "flask":
            if "Blueprint" in {alias.name for alias in node.names}:
                roles.add(Role.VIEWS)
        elif isinstance(node, ast.ClassDef):
            bases = [ast.unparse(base).rpartition(".")[2] for base in node.bases]
            if "Model" in bases:
                roles.add(Role.MODELS)
            elif any(base.endswith("Form") for base in bases):
                roles.add(Role.FORMS)
    return max(roles) if roles else None


def borrowed_of_flask(tree: ast.Module) -> set[str]:
    """What a source takes from Flask by name, besides its settings."""
    names = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "flask"
        for alias in node.names
    }
    return names - OF_FLASK


def _feature(name: str) -> str:
    return ".".join(name.split(".")[:2])


class Roles(Contract):
    """Inside a feature imports go down; verbs know nothing of the web; views are imported inside their feature alone."""

    type_name = "roles"

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Look at every file of every feature; the kernel, the commands and the benchmark are no features."""
        trees, roles = {}, {}
        for name in sorted(graph.modules):
            path = ROOT / (name.replace(".", "/") + ".py")
            outside = ("webapp.kernel", "webapp.commands", "webapp.benchmark", "webapp.demo")
            if name.count(".") >= 2 and path.exists() and not name.startswith(outside):
                trees[name] = ast.parse(path.read_text(encoding="utf-8"))
                roles[name] = role_of(name, trees[name])
        faults = [fault for name in trees for fault in _faults(name, trees[name], roles, graph)]
        return ContractCheck(kept=not faults, metadata={"faults": faults})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """One line a fault."""
        for fault in check.metadata["faults"]:
            output.print_error(fault, bold=False)


def _faults(name: str, tree: ast.Module, roles: dict[str, Role | None], graph: ImportGraph) -> list[str]:
    role, faults = roles[name], []
    needs = sorted(graph.find_modules_directly_imported_by(name))
    if role is not None:
        for other in needs:
            theirs = roles.get(other)
            if _feature(other) == _feature(name) and theirs is not None and theirs > role:
                faults.append(f"{name} ({role.name.lower()}) imports {other} ({theirs.name.lower()})")
    if role is Role.VERBS:
        web = [other for other in needs if other in WEB] + sorted(borrowed_of_flask(tree))
        faults += [f"{name} holds verbs and knows the web: {one}" for one in web]
    if role is Role.VIEWS:
        users = graph.find_modules_that_directly_import(name)
        faults += [
            f"{name} holds views and is imported by {user}"
            for user in sorted(users)
            if _feature(user) != _feature(name)
        ]
    return faults
