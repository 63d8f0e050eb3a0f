"""Small mistakes put into code, one at a time: what tests are worth shows in how many of them they notice."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_SUMS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
# What only people read: a wrong word there breaks nothing.
_WORDS = {"_", "gettext", "ngettext", "info", "warning", "error", "exception", "f"}


@dataclass(frozen=True, slots=True)
class Change:
    """One mistake: ``apply`` makes it in the tree that it was found in."""

    function: str
    line: int
    what: str
    apply: Callable[[], None]


def changes(tree: ast.Module) -> list[Change]:
    """Every mistake that can be made inside the functions of a module, always in the same order."""
    return [change for function, name in functions(tree) for change in _of(function, name)]


def mutated(source: str, number: int) -> ast.Module:
    """The module with the change of that number in it."""
    tree = ast.parse(source)
    changes(tree)[number].apply()
    return ast.fix_missing_locations(tree)


def functions(tree: ast.Module) -> Iterator[tuple[ast.FunctionDef, str]]:
    """Those of a module and of its classes, by their qualified names."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node, node.name
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef):
                    yield inner, f"{node.name}.{inner.name}"


def _of(function: ast.FunctionDef, name: str) -> Iterator[Change]:
    for statement in _body(function):
        for node in _walk(statement):
            for what, apply in (*_expression(node), *_blocks(node)):
                yield Change(name, getattr(node, "lineno", function.lineno), what, apply)
    for what, apply in _statements(_body(function), function.body):
        yield Change(name, function.lineno, what, apply)


def _body(function: ast.FunctionDef) -> list[ast.stmt]:
    """Without the docstring."""
    return function.body[1:] if ast.get_docstring(function) is not None else function.body


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """Whatever is carried out: no annotations, and no texts for people."""
    yield node
    for field, value in ast.iter_fields(node):
        if field in {"annotation", "returns"} or (field == "args" and _is_wording(node)):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not isinstance(child, ast.JoinedStr):
                yield from _walk(child)


def _is_wording(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    return (called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")) in _WORDS


Mistake = tuple[str, Callable[[], None]]


def _expression(node: ast.AST) -> Iterator[Mistake]:
    if isinstance(node, ast.Compare):
        for at, operator in enumerate(node.ops):
            other = _COMPARISONS[type(operator)]
            yield f"{type(operator).__name__} → {other.__name__}", _set(node.ops, at, other())
    elif isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in _SUMS:
        sum_ = _SUMS[type(node.op)]
        yield f"{type(node.op).__name__} → {sum_.__name__}", _assign(node, "op", sum_())
    elif isinstance(node, ast.BoolOp):
        yield "and ↔ or", _assign(node, "op", ast.Or() if isinstance(node.op, ast.And) else ast.And())
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield f"{node.value} → {not node.value}", _assign(node, "value", not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield f"{node.value} → {node.value + 1}", _assign(node, "value", node.value + 1)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield f"{node.value!r} → another", _assign(node, "value", node.value + "x")
    elif isinstance(node, ast.If | ast.IfExp | ast.While):
        yield "condition turned", _assign(node, "test", ast.UnaryOp(ast.Not(), node.test))
    elif isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield "returns None", _assign(node, "value", ast.Constant(None))


def _blocks(node: ast.AST) -> Iterator[Mistake]:
    for field in ("body", "orelse", "finalbody"):
        block = getattr(node, field, None)
        if isinstance(block, list):
            yield from _statements(block, block)


def _statements(block: list[ast.stmt], owner: list[ast.stmt]) -> Iterator[Mistake]:
    """Each statement whose absence could go unnoticed left out."""
    for statement in block:
        is_call = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
        is_setting = isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Attribute)
        if (
            (is_call and not _is_wording(statement.value))
            or is_setting
            or isinstance(statement, ast.Raise | ast.AugAssign | ast.Continue | ast.Break)
        ):
            yield f"without: {ast.unparse(statement)[:60]}", _set(owner, owner.index(statement), ast.Pass())


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _set(items: list, at: int, value: ast.AST) -> Callable[[], None]:
    return lambda: items.__setitem__(at, value)


def _assign(node: ast.AST, field: str, value: object) -> Callable[[], None]:
    return lambda: setattr(node, field, value)
