"""Scenes of the demo in which the same question is refused, at least once under each chapter of the guideline."""

from __future__ import annotations

from importlib import resources

from governance.catalogue import Label
from sekisho.demo import Stage, Step

PURPOSE = "young_carer"


def refusals() -> tuple[Step, ...]:
    """The scenes; the approvals of the story are in the stage's notes."""
    return (
        _refusal("with_name", 8, ja="同じ照会に氏名を加える", en="The same query with a name"),
        _refusal("with_my_number", 11, ja="同じ照会に個人番号を加える", en="The same query with My Number"),
        _refusal("adult_row", 4, ja="同居の大人を一人一行で出す", en="Adults as rows of their own"),
        _refusal("not_on_list", 7, ja="別表2にない表を結び付ける", en="A table that is not on the allow-list"),
        _refusal(
            "with_income",
            12,
            purpose="poverty",
            ja="税に由来する所得の額を取り出す",
            en="An amount of income that comes from tax records",
        ),
        Step(
            title=Label(ja="利用目的を示さずに同じ照会をする", en="The same query without a purpose"),
            show=lambda stage: _refused_template(stage, "center", article=3, purpose=None, hat="controller"),
        ),
        Step(
            title=Label(ja="期限の過ぎた承認で同じ照会をする", en="The same query under the expired approval"),
            show=lambda stage: _refused_template(
                stage, "center", article=19, hat="controller", approval=stage.notes["expired"]
            ),
        ),
        Step(
            title=Label(ja="分析の委託先が同じ照会をする", en="The same query by a vendor"),
            show=lambda stage: _refused_template(stage, "vendor-a", article=6, hat="analyst"),
        ),
        Step(
            title=Label(ja="監査担当が同じ照会をする", en="The same query by the auditor"),
            show=lambda stage: _refused_template(stage, "auditor", article=6, hat="auditor"),
        ),
        Step(
            title=Label(
                ja="センターの照会の結果を、分析の委託先に渡すよう求める", en="The centre's answer for a vendor"
            ),
            show=lambda stage: _refused_template(stage, "center", article=14, hat="controller", recipient="vendor-a"),
        ),
        Step(
            title=Label(
                ja="災害の後のための臨時の利用を、理由を書かずに起案する",
                en="A temporary use after a disaster, drafted without its reason",
            ),
            show=lambda stage: stage.refused(
                lambda: stage.broker.approvals.request(
                    stage.asker("center", hat="controller"), template="oc-disaster-check", basis="69-2-2"
                ),
                article=9,
            ),
        ),
        _refusal(
            "stat_by_grade",
            31,
            purpose="after_school",
            ja="まだ公表していない利用目的で統計をとる",
            en="A statistic for a purpose that has not been made public",
        ),
    )


def query_text(name: str) -> str:
    """The text of a query that the demo asks ad hoc."""
    return (resources.files("reference.akishima") / "queries" / f"{name}.sql").read_text(encoding="utf-8")


def _refusal(query: str, article: int, *, ja: str, en: str, purpose: str = PURPOSE) -> Step:
    return Step(
        title=Label(ja=ja, en=en),
        show=lambda stage: stage.refused(
            lambda: stage.ask("center", hat="controller", purpose=purpose, sql=query_text(query)), article=article
        ),
    )


def _refused_template(
    stage: Stage,
    principal: str,
    *,
    article: int,
    purpose: str | None = PURPOSE,
    approval: str | None = None,
    **how: str,
) -> None:
    number = stage.notes["approval"] if approval is None else approval
    stage.refused(lambda: stage.ask(principal, purpose=purpose, approval=number, **how), article=article)
