"""The pictures of the documentation, as Chromium shows letters of the product: `make pictures` → docs/pictures/*.png."""

from support.desk.contact_sheet import THEMES, letter_page, sheet, shoot, staff_page
from support.documentation.pages import ROOT

from helpdesk.templates.render import Renderer
from helpdesk.threading.model.notice import Notice

FOLDER = ROOT / "docs" / "pictures"
WIDTH = 440  # CSS pixels of one letter


def main() -> None:
    renderer = Renderer()
    customer = [(theme, letter_page(Notice.CONFIRMATION, "en", theme, renderer)) for theme in THEMES]
    staff = [(theme, staff_page(Notice.NEW_TICKET, "en", theme)) for theme in THEMES]
    for name, row in (("letter", customer), ("staff-letter", staff)):
        shoot(sheet([row], WIDTH), len(row), WIDTH, FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
