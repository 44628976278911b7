"""Packages of libraries that load what they export when somebody asks for it.

To import a module runs the first module of its package, and that imports all that the package
offers: hundreds of types for one client, an object-relational mapper for one connection.
"""

import ast
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pkgutil import iter_modules
from types import ModuleType

PACKAGES = frozenset(
    {
        "bot.domain.page",
        *("openai.lib", "openai.lib.streaming", "openai.lib.streaming.chat"),
        *("openai.resources", "openai.resources.chat", "openai.resources.chat.completions"),
        *("openai.types", "openai.types.chat", "openai.types.responses"),
        *("openai.types.shared", "openai.types.shared_params"),
        *("slack_sdk", "slack_sdk.socket_mode", "slack_sdk.web"),
        *("sqlalchemy.dialects.postgresql", "sqlalchemy.ext.asyncio"),
    }
)
"""Those of which Nellie needs little."""

LOOKS_AT_ITSELF = {"dir", "globals", "locals", "vars"}
"""What a package calls that goes through its own names: they have to be there."""

Exports = Mapping[str, tuple[str, str]]
"""By name: the module that has it, and its name there; empty for the module itself."""


class LazyPackages(MetaPathFinder):
    """Finds these packages before others do."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in PACKAGES:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec and spec.origin and type(spec.loader) is SourceFileLoader:
            spec.loader = LazyLoader(name, spec.origin)
        return spec


class LazyLoader(SourceFileLoader):
    """Runs the first module of a package without the imports that only hand something on."""

    def exec_module(self, module: ModuleType) -> None:
        """What is left out is imported once it is asked for."""
        body = ast.parse(self.get_data(self.path))
        submodules = {found.name for found in iter_modules(module.__path__)}
        exports, body.body = split_exports(body, module.__name__, submodules)

        def find_export(name: str) -> object:
            if name in exports:
                source, there = exports[name]
                found = getattr(import_module(source), there) if there else import_module(source)
                setattr(module, name, found)
                return found
            if name in submodules:
                return import_module(f"{module.__name__}.{name}")
            raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")

        vars(module)["__getattr__"] = find_export
        exec(compile(body, self.path, "exec"), vars(module))  # noqa: S102  # as the import would
        public = [name for name in (*vars(module), *exports) if not name.startswith("_")]
        vars(module).setdefault("__all__", public)  # what `import *` takes


def split_exports(
    body: ast.Module, package: str, submodules: set[str]
) -> tuple[Exports, list[ast.stmt]]:
    """What a package's first module hands on from its own modules, and all else that it does."""
    used = {node.id for node in ast.walk(body) if isinstance(node, ast.Name)}
    if used & LOOKS_AT_ITSELF:
        return {}, body.body
    exports: dict[str, tuple[str, str]] = {}
    rest: list[ast.stmt] = []
    for statement in body.body:
        found = _handed_on(statement, package)
        # A module that was loaded has its name in the package: what else has that name stays.
        taken = {name for name, (_, there) in found.items() if there and name in submodules}
        if found and not found.keys() & {*used, *taken, "*"}:
            exports |= found
        else:
            rest.append(statement)
    return exports, rest


def _handed_on(statement: ast.stmt, package: str) -> Exports:
    """By the names that it makes, if that is all that it does."""
    if not isinstance(statement, ast.ImportFrom):
        return {}
    source = f"{'.' * statement.level}{statement.module or ''}".replace(f"{package}.", ".", 1)
    if not source.startswith(".") or source.startswith(".."):
        return {}
    if source == ".":
        modules = {alias.name: alias.asname or alias.name for alias in statement.names}
        return {name: (f"{package}.{module}", "") for module, name in modules.items()}
    source = f"{package}{source}"
    return {alias.asname or alias.name: (source, alias.name) for alias in statement.names}


sys.meta_path.insert(0, LazyPackages())
