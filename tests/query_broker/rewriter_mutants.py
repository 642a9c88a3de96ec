"""Mutants of the rewriter, made by a script from its source, each wrong in one place.

Two kinds. The *written* ones are the mistakes that people make: a mask dropped, a filter outside, a wrong alias. The
*derived* ones are made of every place of every module: a comparison turned, a condition negated, a statement dropped, an
argument emptied, a word exchanged for another of the same module.

Nothing is patched in the running process but the table of modules, for as long as it takes to load the mutant.
"""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

MODULES = ("granted", "measures", "pushdown", "generate", "telling_keys", "rewrite")
"""What the rewriter consists of, in the order in which it loads."""

WRITTEN = {
    "the form is not the granted one": ("granted", "form = forms[column.name]", "form = next(iter(forms.values()))"),
    "a mask is dropped": (
        "rewrite",
        "form=granted.form, type=form_type(",
        "form=__import__('governance.forms').forms.Form(kind='raw'), type=form_type(",
    ),
    "what only filters leaves": ("rewrite", "if not granted.form.leaves:", "if False:"),
    "the row filter is dropped": (
        "rewrite",
        "filter=obligations.scans[scan.id].filter",
        "filter=__import__('governance.conditions').conditions.ALWAYS",
    ),
    "the row filter of another scan": (
        "rewrite",
        "filter=obligations.scans[scan.id].filter",
        "filter=next(iter(obligations.scans.values())).filter",
    ),
    "the row filter is taken for a predicate": (
        "rewrite",
        "predicates=predicates,",
        "predicates=obligations.scans[scan.id].filter,",
    ),
    "nobody is excluded": ("rewrite", "exclude=obligations.scans[scan.id].exclude", "exclude=()"),
    "another domain's pseudonyms": (
        "rewrite",
        "pseudonyms=obligations.pseudonyms",
        "pseudonyms=replace(obligations.pseudonyms, epoch='1999')",
    ),
    "another day": ("rewrite", "as_of=as_of,", "as_of=date(1999, 1, 1),"),
    "predicates get lost": ("rewrite", "all_of(*pushed.conditions.get(scan.id, ()))", "all_of()"),
    "one predicate of several": (
        "rewrite",
        "all_of(*pushed.conditions.get(scan.id, ()))",
        "all_of(*pushed.conditions.get(scan.id, ())[:1])",
    ),
    "columns that nobody reads leave": ("rewrite", "for ref in sorted(read, key", "for ref in sorted(granted, key"),
    "scans change places": ("rewrite", "for scan in facts.scans:\n        dataset", "for scan in facts.scans[::-1]:\n        dataset"),
    "a scan under another id": ("rewrite", "                id=scan.id,", "                id=facts.scans[-1].id,"),
    "the order is forgotten": ("rewrite", "order=parsed.select.order,", "order=(),"),
    "another cap": ("rewrite", "output=obligations.output,", "output=replace(obligations.output, max_rows=10**9),"),
    "no rounding and no smallest group": (
        "rewrite",
        "output=obligations.output,",
        "output=replace(obligations.output, min_group_size=0),",
    ),
    "persons are not counted": ("rewrite", "of_row = tuple(count(key, None) for key in keys)", "of_row = tuple(count(key, None) for key in keys[:1])"),
    "a count column is dropped": ("rewrite", "sql = generate_sql(pushed.select, counts=counts.projections)", "sql = generate_sql(pushed.select, counts=counts.projections[:-1])"),
    "rows are counted": ("rewrite", "argument=key, distinct=True, where=where", "argument=key, distinct=False, where=where"),
    "counts forget the condition": ("rewrite", "argument=key, distinct=True, where=where", "argument=key, distinct=True, where=None"),
    "every measure counted as its row": ("rewrite", "of_row if where is None else", "of_row if True else"),
    "one condition of several for a count": ("rewrite", "where = r.And(parts=conditions) if len(conditions) > 1 else", "where = conditions[0] if len(conditions) > 1 else"),
    "the choice is forgotten": ("rewrite", "if measures.chooses(measure):", "if False:"),
    "aggregates move what the query chose": ("rewrite", "only=filters if obligations.output.min_group_size > 0 else None", "only=None"),
    "parameters get other values": ("rewrite", "name: parsed.parameters[name] for name", "name: 0 for name"),
    "parameters get lost": ("rewrite", "parameters={name: parsed.parameters[name] for name in sorted(_parameters_in(pushed.select))}", "parameters={}"),
    "unknown values contribute": ("measures", "conditions.insert(0, r.Not(part=r.IsNull(part=argument)))", "pass"),
    "zeros of a choice contribute": ("measures", 'if measured == "computed":', "if False:"),
    "every value is a stored one": ("measures", 'return "computed" if self._measured(then) == "stored" else None', 'return "stored"'),
    "optional tables take predicates of WHERE": ("pushdown", 'and j.join != "left"', ""),
    "a left join's ON moves to the table before it": ("pushdown", 'targets = {source.id} & _tables(joined) if joined.join == "left" else firm', "targets = firm"),
    "predicates move and are dropped": ("pushdown", "moved[r.columns_in(conjunct)[0].source].append(condition)", "pass"),
    "predicates move to another scan of the dataset": ("pushdown", "moved[r.columns_in(conjunct)[0].source].append(condition)", 'moved["s2"].append(condition)'),
    "a comparison is mirrored wrongly": ("pushdown", '">": "<", "<=": ">="', '">": "<", "<=": "<="'),
    "less or equal becomes less": ("pushdown", '"<=": "le"', '"<=": "lt"'),
    "negations get lost": ("pushdown", 'CompoundCondition(operator="not", value=(negated,))', "negated"),
    "or becomes and": ("pushdown", 'operator="and" if isinstance(expression, r.And) else "or"', 'operator="and"'),
    "a list loses its last": ("pushdown", "tuple(_value(i, parameters) for i in items)", "tuple(_value(i, parameters) for i in items[:-1])"),
    "a flag becomes its opposite": ("pushdown", 'operator="eq", field=name, value=True', 'operator="eq", field=name, value=False'),
    "conditions on two tables move to one": ("pushdown", "if len(sources) != 1 or not sources <= targets:", "if not sources & targets:"),
    "LEFT becomes INNER": ("generate", 'side="LEFT" if joined.join == "left" else None', "side=None"),
    "INNER becomes LEFT": ("generate", 'side="LEFT" if joined.join == "left" else None', 'side="LEFT"'),
    "a join loses a condition": ("generate", "on=_conjunction(joined.on)", "on=_conjunction(joined.on[:1])"),
    "a join is tied to itself": ("generate", "on=_conjunction(joined.on)", "on=exp.true()"),
    "WHERE is dropped": ("generate", "if select.where:", "if False:"),
    "WHERE loses a condition": ("generate", "exp.Where(this=_conjunction(select.where))", "exp.Where(this=_conjunction(select.where[:1]))"),
    "WHERE alternates": ("generate", "joined = exp.And(this=joined, expression=part)", "joined = exp.Or(this=joined, expression=part)"),
    "GROUP BY is dropped": ("generate", "if select.group:", "if False:"),
    "GROUP BY loses a key": ("generate", "for key in select.group]", "for key in select.group[:1]]"),
    "a scan reads another": ("generate", "return exp.Table(this=_identifier(source.id), alias=alias)", 'return exp.Table(this=_identifier("s1"), alias=alias)'),
    "a column of another source": ("generate", "table=_identifier(source))", 'table=_identifier("s1"))'),
    "columns change names": ("generate", "alias=_identifier(p.name)", "alias=_identifier(p.name[::-1])"),
    "columns change places": ("generate", "for p in (*select.projections, *extra)", "for p in (*select.projections[::-1], *extra)"),
    "DISTINCT is dropped": ("generate", "if aggregate.distinct:", "if False:"),
    "FILTER is dropped": ("generate", "if aggregate.where is not None:", "if False:"),
    "every sum is a maximum": ("generate", '"sum": exp.Sum', '"sum": exp.Max'),
    "less is more": ("generate", '"<": exp.LT', '"<": exp.GT'),
    "minus is plus": ("generate", '"-": exp.Sub', '"-": exp.Add'),
    "NOT is dropped": ("generate", "return exp.Not(this=exp.Paren(this=_expression(part)))", "return exp.Paren(this=_expression(part))"),
    "known is unknown": ("generate", "return exp.Is(this=_inner(part), expression=exp.Null())", "return exp.Not(this=exp.Is(this=_inner(part), expression=exp.Null()))"),
    "negative numbers are positive": ("generate", "exp.Paren(this=exp.Neg(this=number)) if value < 0 else number", "number"),
    "ELSE is dropped": ("generate", "default=_expression(otherwise) if otherwise is not None else None", "default=None"),
    "only the first branch": ("generate", "for c, v in branches", "for c, v in branches[:1]"),
    "EXISTS of the opposite": ("generate", "return exp.Exists(this=_select(query))", "return exp.Not(this=exp.Exists(this=_select(query)))"),
    "no brackets": ("generate", "return rendered if plain else exp.Paren(this=rendered)", "return rendered"),
    "text for a date": ("generate", 'return exp.Cast(this=exp.Literal.string(value.isoformat()), to=exp.DataType.build("date"))', "return exp.Literal.string(value.isoformat())"),
    "quotes are dropped": ("generate", "quoted=True", "quoted=False"),
    "a value pasted for a parameter": ("generate", "return exp.Placeholder(this=name)", "return exp.Literal.string(name)"),
}  # fmt: skip
"""Why it is wrong → module, what stands there, what the mutant says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One changed source."""

    name: str
    module: str
    source: str

    def rewrite(self) -> Callable[..., Any]:
        """The rewriter with this change in it."""
        loaded = {name: sys.modules[name] for name in map(_full, MODULES)}
        try:
            for name in MODULES:
                _load(_full(name), self.source if name == self.module else source_of(name))
            rewrite: Callable[..., Any] = sys.modules[_full("rewrite")].__dict__["rewrite"]
            return rewrite
        finally:
            sys.modules.update(loaded)
            package = sys.modules["query_broker"]
            for name in MODULES:
                setattr(package, name, loaded[_full(name)])


def written() -> Iterator[Mutant]:
    """The mistakes that people make."""
    for why, (module, old, new) in WRITTEN.items():
        source = source_of(module)
        assert old in source, why
        yield Mutant(name=why, module=module, source=source.replace(old, new))


def derived() -> Iterator[Mutant]:
    """One mutant for each place and each way to spoil it."""
    for module in MODULES:
        source = source_of(module)
        places = sum(1 for _ in _spoilings(ast.parse(source)))
        for place in range(places):
            tree = ast.parse(source)
            kind, line, spoil = next(s for n, s in enumerate(_spoilings(tree)) if n == place)
            spoil()
            yield Mutant(
                name=f"{module}:{line} {kind}", module=module, source=ast.unparse(ast.fix_missing_locations(tree))
            )


def source_of(module: str) -> str:
    """The text of a module of the rewriter."""
    file = importlib.import_module(_full(module)).__file__
    assert file is not None
    return Path(file).read_text(encoding="utf-8")


def _full(module: str) -> str:
    return f"query_broker.{module}"


def _load(name: str, source: str) -> None:
    module = ModuleType(name)
    module.__file__ = sys.modules[name].__file__
    sys.modules[name] = module
    header = "from dataclasses import replace\nfrom datetime import date\n"
    body = source.replace("from __future__ import annotations\n", "from __future__ import annotations\n" + header, 1)
    exec(compile(body, name, "exec"), module.__dict__)
    setattr(sys.modules["query_broker"], name.rpartition(".")[2], module)


_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.Lt: ast.GtE,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.GtE: ast.Lt,
}
_Spoiling = tuple[str, int, Callable[[], None]]


def _spoilings(tree: ast.Module) -> Iterator[_Spoiling]:
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for node in ast.walk(function):
                yield from _of_statements(node)
                yield from _of_expression(node)


def _of_statements(node: ast.AST) -> Iterator[_Spoiling]:
    for field in ("body", "orelse"):
        block = getattr(node, field, None)
        if not isinstance(block, list):
            continue
        for position, statement in enumerate(block):
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                continue  # a docstring
            if isinstance(statement, ast.Expr | ast.If | ast.For | ast.AugAssign):

                def drop(block: list[ast.stmt] = block, position: int = position) -> None:
                    block[position] = ast.Pass()

                yield "statement dropped", statement.lineno, drop


def _of_expression(node: ast.AST) -> Iterator[_Spoiling]:
    match node:
        case ast.Compare(ops=[op]) if type(op) in _TURNED:
            yield "comparison turned", node.lineno, lambda: node.ops.__setitem__(0, _TURNED[type(op)]())
        case ast.If() | ast.IfExp():
            yield (
                "condition negated",
                node.lineno,
                lambda: _set(node, "test", ast.UnaryOp(op=ast.Not(), operand=node.test)),
            )
        case ast.BoolOp():
            other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield "and for or", node.lineno, lambda: _set(node, "op", other)
        case ast.Constant(value=bool(value)):
            yield "constant turned", node.lineno, lambda: _set(node, "value", not value)
        case ast.Constant(value=int(value)):
            yield "constant moved", node.lineno, lambda: _set(node, "value", value + 1)
        case ast.Call():
            for keyword in node.keywords:
                if keyword.arg is not None:
                    yield (
                        f"{keyword.arg} emptied",
                        node.lineno,
                        lambda k=keyword: _set(k, "value", ast.Constant(value=None)),
                    )
        case ast.Tuple(elts=[_, *_]) if isinstance(node.ctx, ast.Load):
            yield "tuple shortened", node.lineno, lambda: _set(node, "elts", node.elts[:-1])
        case ast.comprehension(ifs=[_, *_]):
            yield "comprehension unfiltered", node.iter.lineno, lambda: _set(node, "ifs", [])
        case ast.Return(value=ast.expr()):
            yield "nothing returned", node.lineno, lambda: _set(node, "value", ast.Constant(value=None))


def _set(node: ast.AST, name: str, value: object) -> None:
    setattr(node, name, value)
