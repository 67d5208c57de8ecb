"""Looks for every published figure in the documents of the sample's annual report, as other programs read them."""

import json
import pathlib
import re
import subprocess
import sys
from decimal import ROUND_HALF_UP, Decimal
from html.parser import HTMLParser

import docx
import openpyxl

folder = pathlib.Path(sys.argv[1])
figures = json.loads((folder / "figures.json").read_text())
failures = []


def check(right, what):
    if not right:
        failures.append(what)


def bare(text):
    """A number without sign, % and zeros at the end: the same whatever its decimals."""
    text = text.strip().lstrip("-−").rstrip("%")
    return text.rstrip("0").rstrip(".") if "." in text else text


def numbers(text):
    return {bare(number) for number in re.findall(r"\d+(?:\.\d+)?", text)}


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def pdf_numbers(name):
    return numbers(run("pdftotext", "-layout", str(folder / name), "-"))


class Page(HTMLParser):
    """The numbers of a page by figure, and everything that would be asked of elsewhere."""

    def __init__(self):
        super().__init__()
        self.figures, self.figure, self.asked, self.charts = {}, None, [], 0

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "data":
            self.figure = attributes["data-figure"]
        if tag in ("script", "link", "img", "iframe", "object") or {"src", "onload", "style"} & set(attributes):
            self.asked.append(tag)
        if not (attributes.get("href") or "#").startswith("#"):
            self.asked.append(attributes["href"])
        self.charts += tag == "svg"

    def handle_data(self, text):
        if self.figure:
            self.figures.setdefault(self.figure, set()).add(bare(text))

    def handle_endtag(self, tag):
        if tag == "data":
            self.figure = None


def look(name, found):
    """`found` tells whether a figure is there as it is displayed."""
    there = sum(1 for figure in figures if found(figure))
    for figure in figures:
        check(found(figure), f"{name}: {figure['figure']} {figure['display']} is missing")
    print(f"{name}: {there} of {len(figures)} figures")


check(len(figures) == 240, f"{len(figures)} published figures")

page = Page()
page.feed((folder / "report.html").read_text())
look("report.html", lambda f: bare(f["display"]) in page.figures.get(f["figure"], ()))
check(not page.asked, f"report.html asks for {page.asked}")

text = docx.Document(folder / "report.docx")
words = [p.text for p in text.paragraphs]
words += [cell.text for table in text.tables for row in table.rows for cell in row.cells]
in_text = numbers("\n".join(words))
look("report.docx (python-docx)", lambda f: bare(f["display"]) in in_text)
headings = [p for p in text.paragraphs if p.style.name.lower().startswith("heading")]
check(len(headings) > 9, "report.docx: headings are no headings")
check(len(text.inline_shapes) == page.charts, f"report.docx: {len(text.inline_shapes)} of {page.charts} charts")
for shape in text.inline_shapes:
    check(shape._inline.docPr.get("descr"), "report.docx: a picture without words")
section = text.sections[0]
margins = [round(m.mm) for m in (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)]
check(margins == [37, 35, 28, 26], f"report.docx: margins {margins}")


def workbook(name):
    book = openpyxl.load_workbook(folder / name)
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                check(cell.data_type not in "fe", f"{name}: {sheet.title}!{cell.coordinate} is {cell.value}")
        check(str(sheet.page_setup.paperSize) == "9", f"{name}: {sheet.title} is not A4")
    return book


def shown(figure, row):
    """The cell's number, in the unit and with the decimals of the published figure."""
    value, unit = Decimal(repr(row[1])), row[2]
    if unit == "%" and figure["unit"] in ("percent", "ratio"):
        value *= 100 if figure["unit"] == "percent" else 1
    if unit == "万元" and figure["unit"] == "yi_yuan":
        value /= 10000
    decimals = len(figure["display"].partition(".")[2])
    # A double carries 15 digits; what is beyond them is not the figure's.
    value = Decimal(f"{value:.15g}")
    return str(value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


book = workbook("report.xlsx")
rows = {row[0]: row for row in book["指标"].iter_rows(min_row=2, values_only=True)}
look("report.xlsx (openpyxl)", lambda f: f["figure"] in rows and shown(f, rows[f["figure"]]) == f["display"])
workbook("xlsx-by-libreoffice.xlsx")

for name in ("report.pdf", "docx-by-libreoffice.pdf", "xlsx-by-libreoffice.pdf"):
    found = pdf_numbers(name)
    look(name, lambda f: bare(f["display"]) in found)
info = run("pdfinfo", str(folder / "report.pdf"))
for line in (r"Tagged: +yes", r"Page size: .*\(A4\)"):
    check(re.search(line, info), f"report.pdf: not {line}")
for font in run("pdffonts", str(folder / "report.pdf")).splitlines()[2:]:
    check(" yes yes " in font, f"report.pdf: {font} is not embedded")

print("\n".join(failures) or "all right")
sys.exit(bool(failures))
