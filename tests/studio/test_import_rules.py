"""Who may know whom: arrows point down the list of rooms only."""

import ast
from pathlib import Path

import pytest
from django.conf import settings

APPS = {"mjstudio", "accounts", "generations"}
BANNED = {
    "midjourney": {*APPS, "django"},
    "accounts": {"mjstudio", "generations"},
    "generations": {"mjstudio"},
}


def top_level_imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


@pytest.mark.parametrize("package", BANNED)
def test_packages_only_import_downwards(package):
    offenders = {
        str(path): found
        for path in (settings.BASE_DIR / package).rglob("*.py")
        if (found := top_level_imports(path) & BANNED[package])
    }
    assert not offenders


def test_only_midjourney_speaks_http():
    for package in APPS:
        for path in (settings.BASE_DIR / package).rglob("*.py"):
            assert "requests" not in top_level_imports(path), path


def test_no_template_holds_inline_style_script_or_handler_and_none_turns_escaping_off():
    for path in (settings.BASE_DIR / "templates").rglob("*.html"):
        text = path.read_text()
        for banned in ("style=", "onclick=", "onload=", "hx-on", "javascript:", "|safe", "autoescape off"):
            assert banned not in text, f"{banned} in {path}"
