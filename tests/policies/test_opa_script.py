"""``scripts/opa.sh`` provides the pinned Open Policy Agent, once, from wherever it can."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from policies.bundle import OPA_VERSION

_OPA = "#!/bin/sh\necho 'Version: {version}'\n"
_GO = """#!/bin/sh
[ "$1" = version ] && {{ echo 'go version go1.26.8 linux/amd64'; exit 0; }}
echo "$*" > "$GOBIN/asked"
printf '#!/bin/sh\\necho "Version: {version}"\\n' > "$GOBIN/opa"
chmod +x "$GOBIN/opa"
"""


@pytest.fixture
def checkout(root: Path, tmp_path: Path) -> Path:
    """A checkout with nothing but the script."""
    (tmp_path / "checkout" / "scripts").mkdir(parents=True)
    shutil.copy(root / "scripts" / "opa.sh", tmp_path / "checkout" / "scripts")
    (tmp_path / "bin").mkdir()
    return tmp_path / "checkout"


def _program(checkout: Path, name: str, text: str) -> Path:
    program = checkout.parent / "bin" / name
    program.write_text(text)
    program.chmod(0o755)
    return program


def _run(checkout: Path) -> subprocess.CompletedProcess[str]:
    path = f"{checkout.parent / 'bin'}:{checkout.parent / 'tools'}"
    tools = checkout.parent / "tools"
    if not tools.exists():
        tools.mkdir()
        for name in ("sh", "dirname", "mkdir", "rm", "ln", "grep", "cut", "chmod", "echo", "printf"):
            found = shutil.which(name)
            assert found
            (tools / name).symlink_to(found)
    return subprocess.run(
        [checkout / "scripts" / "opa.sh"], env={"PATH": path}, capture_output=True, text=True, check=False
    )


def test_the_script_and_the_code_pin_one_version(root: Path) -> None:
    """The version of the script is the one that builds and decides."""
    assert f"\nversion={OPA_VERSION}\n" in (root / "scripts" / "opa.sh").read_text(encoding="utf-8")


def test_the_pinned_version_on_path_is_linked(checkout: Path) -> None:
    """A program of that version is used where it lies, and Go is not asked."""
    program = _program(checkout, "opa", _OPA.format(version=OPA_VERSION))
    run = _run(checkout)
    assert run.returncode == 0, run.stderr
    assert (checkout / ".tools" / "opa").resolve() == program
    assert "Linking" in run.stdout


def test_another_version_on_path_is_not_used(checkout: Path) -> None:
    """With another version on PATH the pinned one is built."""
    _program(checkout, "opa", _OPA.format(version="1.20.20"))
    _program(checkout, "go", _GO.format(version=OPA_VERSION))
    run = _run(checkout)
    assert run.returncode == 0, run.stderr
    asked = (checkout / ".tools" / "asked").read_text().strip()
    assert asked == f"install github.com/open-policy-agent/opa@v{OPA_VERSION}"


def test_a_second_run_does_nothing(checkout: Path) -> None:
    """What is there and of the pinned version stays."""
    _program(checkout, "go", _GO.format(version=OPA_VERSION))
    assert _run(checkout).returncode == 0
    (checkout / ".tools" / "asked").unlink()
    run = _run(checkout)
    assert run.returncode == 0
    assert "already" in run.stdout
    assert not (checkout / ".tools" / "asked").exists()


def test_an_old_one_is_replaced(checkout: Path) -> None:
    """A binary of an earlier version gives way to the pinned one."""
    (checkout / ".tools").mkdir()
    old = checkout / ".tools" / "opa"
    old.write_text(_OPA.format(version="0.70.0"))
    old.chmod(0o755)
    _program(checkout, "go", _GO.format(version=OPA_VERSION))
    assert _run(checkout).returncode == 0
    assert OPA_VERSION in old.read_text()


def test_without_either_it_is_said_what_to_install(checkout: Path) -> None:
    """Neither the program nor Go: it ends with a message and no binary."""
    run = _run(checkout)
    assert run.returncode == 1
    assert "Install Go" in run.stderr
    assert not (checkout / ".tools" / "opa").exists()


def test_a_build_of_another_version_is_refused(checkout: Path) -> None:
    """What Go built is looked at before it is used."""
    _program(checkout, "go", _GO.format(version="1.0.0"))
    run = _run(checkout)
    assert run.returncode == 1
    assert "is not Open Policy Agent" in run.stderr
