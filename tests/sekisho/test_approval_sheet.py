"""The sheet of an approval, read back from the files that are printed, and where an approval stands."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pypdfium2
import pypdfium2.raw as raw
import pytest

from governance.approvals import Paper
from governance.errors import BadInput, Denied
from sekisho import cli
from sekisho.approval_sheet import check_paper
from sekisho.approval_sheet_files import sheet_pdf, sheet_xlsx
from sekisho.broker import Broker
from sekisho.deployment import Deployment
from sekisho.exports import Caption
from tests.city import APPROVAL, SIGNERS, TEMPLATE, asker, draft, sign

Opened = tuple[Deployment, Broker]
PAPER = Paper(
    reason="一学期の実態調査で把握した家庭への支援につなげるため", document_number="5昭子セ第12号", retention_years=5
)
CAPTION = Caption(notice="架空データ", principal="privacy", at=datetime(2023, 10, 1, 9, tzinfo=UTC), articles=())
A4 = (595, 842)


@pytest.fixture
def opened(new_city: Path) -> Iterator[Opened]:
    deployment = Deployment.load(new_city)
    with deployment.broker() as broker:
        yield deployment, broker


@pytest.fixture
def drafted(opened: Opened) -> str:
    deployment, broker = opened
    return broker.approvals.request(
        asker(deployment, broker, "center", "controller"), template=TEMPLATE, paper=PAPER
    ).id


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_the_pdf_reads_back_with_its_font_inside(opened: Opened, drafted: str) -> None:
    """A4 upright; every field and signature is text; each page has 取扱注意, 架空データ and X / Y; fonts are embedded."""
    deployment, broker = opened
    sign(deployment, broker, drafted)
    sheet = broker.approvals.sheet(asker(deployment, broker, "privacy", "reviewer"), approval=drafted)
    with pypdfium2.PdfDocument(sheet_pdf(sheet, caption=CAPTION)) as pdf:
        pages = [squeezed(page.get_textpage().get_text_bounded()) for page in pdf]
        for number, (page, text) in enumerate(zip(pdf, pages, strict=True), start=1):
            assert tuple(map(round, page.get_size())) == A4
            assert "取扱注意" in text
            assert "架空データ" in text
            assert f"{number}/{len(pages)}" in text
            texts = list(page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT]))
            assert texts
            assert all(raw.FPDFFont_GetIsEmbedded(raw.FPDFTextObj_GetFont(each)) == 1 for each in texts)
    whole = "".join(pages)
    for name, text in sheet.fields:
        assert squeezed(name) in whole
        assert squeezed(text) in whole
    for signer, _, _ in SIGNERS:
        assert signer in whole
    assert squeezed(deployment.templates[TEMPLATE].sql)[:60] in whole


def test_the_workbook_prints_on_a4(opened: Opened, drafted: str) -> None:
    """The workbook holds the same fields, with a print area, A4 upright, one page wide, header and footer."""
    deployment, broker = opened
    sheet = broker.approvals.sheet(asker(deployment, broker, "privacy", "reviewer"), approval=drafted)
    with zipfile.ZipFile(io.BytesIO(sheet_xlsx(sheet, caption=CAPTION))) as book:
        page = book.read("xl/worksheets/sheet1.xml").decode()
        strings = book.read("xl/sharedStrings.xml").decode()
        names = book.read("xl/workbook.xml").decode()
    assert 'paperSize="9" ' in page
    assert 'orientation="portrait"' in page
    assert 'fitToHeight="0"' in page
    assert "取扱注意 架空データ" in page
    assert "&amp;P / &amp;N" in page
    assert "Print_Area" in names
    for text in (PAPER.reason, PAPER.document_number, "5年", "未", "審査中"):
        assert text is not None
        assert f">{text}<" in strings


def test_the_sheet_says_the_granted_form_of_everything_that_is_read(opened: Opened, drafted: str) -> None:
    """Each item that the query reads stands there once, with its holder and its form; what only filters says so."""
    deployment, broker = opened
    sheet = broker.approvals.sheet(asker(deployment, broker, "privacy", "reviewer"), approval=drafted)
    assert len(set(sheet.items)) == len(sheet.items)
    forms = {(item.dataset, item.column): item.form for item in sheet.items}
    child = deployment.catalogue.dataset("shimin.child")
    assert forms[child.label.ja, child.columns["resident_id"].label.ja] == "仮の番号に置き換える"
    member = deployment.catalogue.dataset("shimin.household_member")
    read = {column for dataset, column in forms if dataset == member.label.ja}
    assert read < {column.label.ja for column in member.columns.values()}
    assert "認められていない" not in forms.values()


def test_the_boxes_show_whose_signature_is_missing(opened: Opened, drafted: str) -> None:
    """Before anybody signs every box says 未; after the review and one consent these two are filled, and no other."""
    deployment, broker = opened
    reader = asker(deployment, broker, "privacy", "reviewer")
    assert {box.at for box in broker.approvals.sheet(reader, approval=drafted).boxes} == {"未"}
    sign(deployment, broker, drafted, upto=2)
    boxes = broker.approvals.sheet(reader, approval=drafted).boxes
    assert [(box.step, box.name) for box in boxes if box.at != "未"] == [
        ("審査", "privacy"),
        ("合議", "steward-shimin"),
    ]
    assert [box.step for box in boxes].count("合議") == 4


def test_an_approval_passes_through_its_stages(opened: Opened) -> None:
    """審査中, 合議中 with who is missing, 決裁待ち, 決裁済; 失効 by the day, by the guideline and by the query."""
    deployment, broker = opened
    today = deployment.clock().date()
    approval = draft(deployment, broker)
    stages = [broker.approvals.progress(approval, today=today)]
    for count in (1, 4, 5, 6):
        for name, hat, step in SIGNERS[len(approval.reviewers) : count]:
            approval = broker.approvals.sign(asker(deployment, broker, name, hat), approval=approval.id, step=step)
        stages.append(broker.approvals.progress(approval, today=today))
    assert [found.stage for found in stages] == ["review", "consult", "consult", "decide", "granted"]
    assert [found.missing for found in stages[1:4]] == [("kaigo", "kyoiku", "school", "shimin"), ("school",), ()]
    last = date.fromisoformat(approval.expires_at)
    assert broker.approvals.progress(approval, today=last).stage == "granted"
    assert broker.approvals.progress(approval, today=date(2024, 4, 1)).stage == "expired"
    assert broker.approvals.progress(replace(approval, guideline_version="0"), today=today).stage == "void"
    assert broker.approvals.progress(replace(approval, sql_digest="0" * 64), today=today).stage == "void"
    assert broker.approvals.progress(replace(approval, template="gone"), today=today).stage == "void"


def test_what_waits_for_me_is_what_the_policy_would_let_me_sign(opened: Opened, drafted: str) -> None:
    """The reviewer, then each steward, then the decider see the step that is theirs; who has signed sees nothing."""
    deployment, broker = opened

    def mine(name: str, hat: str) -> list[tuple[str, str]]:
        found = broker.approvals.waiting(asker(deployment, broker, name, hat))
        return [(waiting.approval.id, waiting.step) for waiting in found]

    assert mine("privacy", "reviewer") == [(drafted, "review")]
    assert mine("center", "controller") == []
    assert mine("steward-kaigo", "data_steward") == [(drafted, "consult")]
    assert mine("steward-seifuku", "data_steward") == []
    assert mine("cpo", "cpo") == []
    sign(deployment, broker, drafted, upto=5)
    assert mine("privacy", "reviewer") == []
    assert mine("steward-kaigo", "data_steward") == []
    assert mine("center-head", "center_head") == []
    assert mine("cpo", "cpo") == [(drafted, "decide")]
    broker.approvals.sign(asker(deployment, broker, "cpo", "cpo"), approval=drafted, step="decide")
    assert mine("cpo", "cpo") == []


def test_looking_for_what_waits_records_one_reading_and_no_signature(opened: Opened, drafted: str) -> None:
    """To see what waits is a reading in the ledger; asking whether one could sign leaves no decision about signing."""
    deployment, broker = opened
    before = broker.ledger.size
    broker.approvals.waiting(asker(deployment, broker, "privacy", "reviewer"))
    (entry,) = broker.ledger.entries(before, broker.ledger.size)
    assert (entry.document["kind"], entry.document["action"]) == ("decision", "approval.read")
    assert broker.approvals.store.get(drafted).approval.reviewers == ()


def test_the_sheet_is_for_those_who_may_read_approvals(opened: Opened, drafted: str) -> None:
    """Without the right to read approvals there is no sheet, and the refusal has its article."""
    deployment, broker = opened
    with pytest.raises(Denied) as caught:
        broker.approvals.sheet(asker(deployment, broker, "operator", "operator"), approval=drafted)
    assert {citation.control for citation in caught.value.citations} == {"action-matrix"}


@pytest.mark.parametrize(
    ("paper", "code"),
    [
        pytest.param(Paper(reason=""), "approval-text-unfit", id="empty"),
        pytest.param(Paper(reason=" 　"), "approval-text-unfit", id="blank"),
        pytest.param(Paper(reason="あ" * 401), "approval-text-unfit", id="too-long"),
        pytest.param(Paper(reason="山田\x1b[2J"), "approval-text-unfit", id="steers-a-terminal"),
        pytest.param(Paper(document_number="山田\n"), "approval-text-unfit", id="two-lines"),
        pytest.param(Paper(retention_years=0), "approval-retention-unfit", id="no-year"),
        pytest.param(Paper(retention_years=101), "approval-retention-unfit", id="too-many-years"),
    ],
)
def test_a_paper_that_cannot_be_filed_is_refused(paper: Paper, code: str) -> None:
    """Empty, too long or unprintable texts and impossible terms are refused, and the text is not repeated."""
    with pytest.raises(BadInput) as caught:
        check_paper(paper)
    assert caught.value.code == code
    assert "山田" not in caught.value.text("ja") + caught.value.text("en")


def test_a_paper_at_its_limits_is_taken() -> None:
    """400 signs and 1 or 100 years are within what is filed."""
    check_paper(Paper(reason="あ" * 400, retention_years=1))
    check_paper(Paper(retention_years=100))


def test_the_ledger_holds_nothing_of_the_paper(opened: Opened, drafted: str) -> None:
    """The drafter's own words stand in the store and on the sheet, never in the ledger."""
    _, broker = opened
    assert broker.approvals.store.get(drafted).approval.paper == PAPER
    written = "".join(str(dict(entry.document)) for entry in broker.ledger.entries(0, broker.ledger.size))
    assert PAPER.reason is not None
    assert PAPER.reason not in written


def test_the_command_writes_the_sheet(
    city_with_approval: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``approval sheet --out`` writes a PDF or a workbook, tells other names to the person, and shows the sheet without."""
    common = ("--deployment", str(city_with_approval), "--as", "privacy", "approval", "sheet", APPROVAL)
    assert cli.run((*common, "--out", str(tmp_path / "sheet.pdf"))) == 0
    assert (tmp_path / "sheet.pdf").read_bytes().startswith(b"%PDF-")
    assert cli.run((*common, "--out", str(tmp_path / "sheet.xlsx"))) == 0
    assert zipfile.is_zipfile(tmp_path / "sheet.xlsx")
    capsys.readouterr()
    assert cli.run((*common, "--out", str(tmp_path / "sheet.doc"))) == 2
    assert "approval-sheet-file" in capsys.readouterr().err
    assert not (tmp_path / "sheet.doc").exists()
    assert cli.run(common) == 0
    assert "決裁済" in capsys.readouterr().out
